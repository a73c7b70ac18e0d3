package import Foundation
import Postgres
package import StoreDomain

/// A browser that is signed in, as who is signed in there may see it.
package struct OpenSession: Sendable, Equatable {
    /// 16 hex digits; no secret.
    package let id: String
    package let createdAt: Date
    /// When it was refreshed last: it is used every few minutes while its page is open.
    package let usedAt: Date
    package let expiresAt: Date
    package let client: ClientDescription

    init(row: PostgresRow) throws {
        id = try row["id"]
        createdAt = try row["created_at"]
        usedAt = try row["rotated_at"]
        expiresAt = try row["expires_at"]
        client = ClientDescription(address: try row["address"], userAgent: try row["user_agent"])
    }
}

/// One's own sessions.
extension StoreRecords {
    /// Those that are not over, the one that was used last first.
    package func sessions(of account: UserID) async throws -> [OpenSession] {
        try await pool.query(
            """
            SELECT id, created_at, rotated_at, expires_at, address, user_agent FROM sessions
            WHERE account_id = \(account.rawValue) AND expires_at > clock_timestamp() ORDER BY rotated_at DESC, id LIMIT 200
            """
        ).map { try OpenSession(row: $0) }
    }

    /// Ends sessions, each with its line in the audit, which names the account. `id` nil: all but `keeping`. How many it were.
    package func endSessions(of account: UserID, id: String?, keeping: String?, by actor: Operator) async throws -> Int {
        let row = try await one(
            """
            WITH over AS (
                DELETE FROM sessions
                WHERE account_id = \(account.rawValue) AND (\(id)::text IS NULL OR id = \(id)) AND id IS DISTINCT FROM \(keeping)::text
                RETURNING id, account_id
            ), noted AS (\(Self.line(of: actor, "account.session-end", target: "over.id", detail: "over.account_id")) FROM over)
            SELECT count(*) AS ended FROM over
            """
        )
        return try row["ended"]
    }
}
