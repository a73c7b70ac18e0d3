import Foundation
import HTTPTypes
import Hummingbird
import StoreRecords

/// The query of `GET /api/admin/audit`.
enum ListAuditRequest {
    static func query(_ request: Request) throws -> AuditQuery {
        let parameters = request.uri.queryParameters
        func parsed<Value>(_ name: Substring, _ expected: String, _ parse: (String) -> Value?) throws -> Value? {
            guard let text = parameters[name].map(String.init), !text.isEmpty else { return nil }
            guard let value = parse(text) else { throw APIError(.badRequest, "\(name) must be \(expected)") }
            return value
        }
        func word(_ text: String) -> String? { text.count <= 200 && !text.utf8.contains(0) ? text : nil }
        func time(_ text: String) -> Date? {
            (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return AuditQuery(
            actor: try parsed("actor", "a name of at most 200 characters", word),
            action: try parsed("action", "a word such as job.cancel, or its beginning, job.", word),
            target: try parsed("target", "at most 200 characters", word),
            outcome: try parsed("outcome", "done or refused") { AuditOutcome(rawValue: $0) },
            since: try parsed("since", "a time such as 2026-01-31T12:00:00Z", time),
            until: try parsed("until", "a time such as 2026-01-31T12:00:00Z", time),
            before: try parsed("before", "an entry's number") { Int64($0) },
            limit: try parsed("limit", "a number from 1 to 500") { Int($0).flatMap { (1...500).contains($0) ? $0 : nil } } ?? 100
        )
    }
}
