import StoreDomain
import StoreRecords

/// The query of `GET /api/admin/jobs`.
enum ListJobsRequest {
    static let parameters = ["state", "kind", "store", "user", "worker", "before", "limit"]

    static func query(_ query: Query) throws -> JobQuery {
        JobQuery(
            state: try query.value("state", "one of queued, running, succeeded, failed, cancelled") { JobState(rawValue: $0) },
            kind: try query.value("kind", "one of provision, retry, delete, apply") { JobKind(rawValue: $0) },
            store: try query.value("store", "a store's id") { StoreID($0) },
            user: try query.value("user", "a user's id") { UserID($0) },
            worker: try query.value("worker", "a worker's name of at most 200 characters") {
                $0.count <= 200 && !$0.utf8.contains(0) ? $0 : nil
            },
            before: try query.value("before", "a job's number") { JobID($0) },
            limit: try query.number("limit", in: 1...500) ?? 100
        )
    }
}
