import Foundation
import StoreRecords

/// The query of `GET /api/admin/audit`.
enum ListAuditRequest {
    static let parameters = ["actor", "action", "target", "outcome", "since", "until", "before", "limit"]

    static func query(_ query: Query) throws -> AuditQuery {
        func word(_ text: String) -> String? { text.count <= 200 && !text.utf8.contains(0) ? text : nil }
        func time(_ text: String) -> Date? {
            // The plus of +01:00 is a space in a query where nobody encoded it.
            let text = text.replacing(" ", with: "+")
            return (try? Date(text, strategy: .iso8601))
                ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return AuditQuery(
            actor: try query.value("actor", "a name of at most 200 characters", word),
            action: try query.value("action", "a word such as job.cancel, or its beginning, job.", word),
            target: try query.value("target", "at most 200 characters", word),
            outcome: try query.value("outcome", "done or refused") { AuditOutcome(rawValue: $0) },
            since: try query.value("since", "a time such as 2026-01-31T12:00:00Z", time),
            until: try query.value("until", "a time such as 2026-01-31T12:00:00Z", time),
            before: try query.value("before", "an entry's number") { Int64($0) },
            limit: try query.number("limit", in: 1...500) ?? 100
        )
    }
}
