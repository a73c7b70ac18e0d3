package import Foundation
import Postgres
import StoreDomain

/// What operators show to everybody who is signed in.
package struct Incident: Sendable, Equatable {
    /// How it is shown.
    package enum Level: String, Sendable, CaseIterable, PostgresDecodable {
        case info
        case warning
    }

    package let level: Level
    /// 1 to 500 characters, in one line.
    package let text: String
    package let since: Date
    /// Nobody sees it from then on; `nil`: until an operator ends it.
    package let endsAt: Date?

    /// `text` as it may be shown, its lines as one; `nil` for one of which nothing is seen, that is too long, or has control characters.
    package static func line(_ text: String) -> String? {
        let line = text.split { $0.isNewline || $0 == "\t" || $0 == " " }.joined(separator: " ")
        return line.hasVisibleCharacter && line.unicodeScalars.count <= 500 && line == line.inOneLine ? line : nil
    }
}

extension StoreRecords {
    /// In the place of the one before, if any; whatever is another begins anew.
    package func setIncident(_ text: String, level: Incident.Level, until end: Date?, by actor: Operator) async throws -> Incident {
        try await Self.incident(
            one(
                """
                WITH shown AS (
                    INSERT INTO incident AS i (level, text, ends_at) VALUES (\(level.rawValue), \(text), \(end))
                    ON CONFLICT (is_the_one) DO UPDATE SET level = excluded.level, text = excluded.text, ends_at = excluded.ends_at,
                        since = CASE WHEN i.text = excluded.text AND (i.ends_at IS NULL OR i.ends_at > clock_timestamp())
                                     THEN i.since ELSE clock_timestamp() END
                    RETURNING level, text, since, ends_at
                ), noted AS (\(Self.line(of: actor, "incident.set", target: "level", detail: Self.textAndEnd)) FROM shown)
                SELECT * FROM shown
                """
            )
        )
    }

    private static let textAndEnd: SQL =
        #"text || coalesce(' (until ' || to_char(ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ')', '')"#

    /// False: there was none.
    package func endIncident(by actor: Operator) async throws -> Bool {
        try await !pool.query(
            """
            WITH over AS (DELETE FROM incident RETURNING level, text, ends_at)
            \(Self.line(of: actor, "incident.end", target: "level", detail: "text")) FROM over
             WHERE over.ends_at IS NULL OR over.ends_at > clock_timestamp() RETURNING 1
            """
        ).isEmpty
    }

    /// What is shown now; `nil`: nothing.
    package func incident() async throws -> Incident? {
        try await pool.query("SELECT level, text, since, ends_at FROM incident WHERE ends_at IS NULL OR ends_at > clock_timestamp()")
            .first.map { try Self.incident($0) }
    }

    private static func incident(_ row: PostgresRow) throws -> Incident {
        Incident(level: try row["level"], text: try row["text"], since: try row["since"], endsAt: try row["ends_at"])
    }
}
