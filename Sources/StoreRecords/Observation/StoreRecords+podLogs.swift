import Foundation
import Postgres
package import StoreDomain

/// The way of a pod's log from a worker, which may read it, to an API, which may not.
extension StoreRecords {
    /// The channel on which a request's id is told to the workers.
    package static let logRequestsChannel = "log_requests"

    /// How long a request is wanted without a word of its API.
    private static let patience = 15.0

    // What the API does.

    package func ask(_ request: PodLogRequest) async throws {
        _ = try await pool.query(
            """
            INSERT INTO log_requests (id, store_id, namespace, container, tail, follows, wanted_until)
            VALUES (\(request.id), \(request.store.rawValue), \(request.namespace.rawValue), \(request.container), \(request.tail),
                    \(request.follows), clock_timestamp() + seconds(\(Self.patience)))
            """
        )
    }

    /// Takes what has come since the last call, in order, and says that more is wanted. `isTaken`: whether a worker is at it.
    package func takeLog(of request: String) async throws -> (chunks: [PodLogChunk], isTaken: Bool) {
        let rows = try await pool.query(
            """
            WITH taken AS (DELETE FROM log_chunks WHERE request_id = \(request) RETURNING id, body),
            wanted AS (
                UPDATE log_requests SET wanted_until = clock_timestamp() + seconds(\(Self.patience)) WHERE id = \(request)
                RETURNING worker IS NOT NULL AS taken)
            SELECT w.taken AS is_taken, t.body FROM wanted w LEFT JOIN taken t ON true ORDER BY t.id
            """
        )
        let chunks = try rows.compactMap { row -> PodLogChunk? in
            let body: String? = try row["body"]
            return try body.map { try SnapshotJSON.value($0) }
        }
        return (chunks, try rows.first?["is_taken"] ?? false)
    }

    package func forgetLog(_ request: String) async throws {
        _ = try await pool.query("DELETE FROM log_requests WHERE id = \(request)")
    }

    // What a worker does.

    /// The requests that nobody has taken and that are now this worker's, at most `limit`; those that nobody wants any more go.
    package func takeLogRequests(worker: String, limit: Int) async throws -> [PodLogRequest] {
        try await pool.query(
            """
            WITH stale AS (DELETE FROM log_requests WHERE wanted_until < clock_timestamp())
            UPDATE log_requests SET worker = \(worker) WHERE id IN (
                SELECT id FROM log_requests WHERE worker IS NULL AND wanted_until >= clock_timestamp()
                ORDER BY wanted_until LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id, store_id, namespace, container, tail, follows
            """
        ).map { row in
            guard let store = StoreID(try row["store_id"]), let namespace = StoreNamespace(try row["namespace"]) else {
                throw StoreRecordsError(code: .unreadableRow, message: "a request for a log is unreadable")
            }
            return PodLogRequest(
                id: try row["id"],
                store: store,
                namespace: namespace,
                container: try row["container"],
                tail: try row["tail"],
                follows: try row["follows"]
            )
        }
    }

    /// False: nobody wants it any more, or its API has not taken what was sent before.
    package func send(_ chunk: PodLogChunk, for request: String) async throws -> Bool {
        try await !pool.query(
            """
            INSERT INTO log_chunks (request_id, body) SELECT id, \(try SnapshotJSON.text(chunk)) FROM log_requests
            WHERE id = \(request) AND wanted_until >= clock_timestamp()
              AND (SELECT count(*) FROM log_chunks WHERE request_id = \(request)) < 100
            RETURNING 1
            """
        ).isEmpty
    }
}
