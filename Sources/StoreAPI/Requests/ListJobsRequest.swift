import Hummingbird
import StoreDomain
import StoreRecords

/// The query of `GET /api/admin/jobs`.
enum ListJobsRequest {
    static func query(_ request: Request) throws -> JobQuery {
        let parameters = request.uri.queryParameters
        func parsed<Value>(_ name: Substring, _ expected: String, _ parse: (String) -> Value?) throws -> Value? {
            guard let text = parameters[name].map(String.init), !text.isEmpty else { return nil }
            guard let value = parse(text) else { throw APIError(.badRequest, "\(name) must be \(expected)") }
            return value
        }
        return JobQuery(
            state: try parsed("state", "one of queued, running, succeeded, failed, cancelled") { JobState(rawValue: $0) },
            kind: try parsed("kind", "one of provision, retry, delete") { JobKind(rawValue: $0) },
            store: try parsed("store", "a store's id") { StoreID($0) },
            user: try parsed("user", "a user's id") { UserID($0) },
            worker: try parsed("worker", "a worker's name of at most 200 characters") {
                $0.count <= 200 && !$0.utf8.contains(0) ? $0 : nil
            },
            before: try parsed("before", "a job's number") { JobID($0) },
            limit: try parsed("limit", "a number from 1 to 500") { Int($0).flatMap { (1...500).contains($0) ? $0 : nil } } ?? 100
        )
    }
}
