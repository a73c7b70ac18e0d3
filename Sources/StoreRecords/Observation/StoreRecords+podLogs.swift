import Foundation
import Postgres
package import StoreDomain

/// The way of a pod's log from a worker, which may read it, to an API, which may not.
extension StoreRecords {
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

    /// The requests that nobody has taken and that are now this worker's, as many as `room` allows; those that nobody wants any more go.
    /// The stores' owners take turns, and none gets more than its share of a worker.
    package func takeLogRequests(worker: String, room: LogRoom) async throws -> [TakenLogRequest] {
        try await pool.query(
            """
            WITH stale AS (DELETE FROM log_requests WHERE wanted_until < clock_timestamp()),
            ranked AS (\(Self.waitingLogs(worker))),
            fitting AS (
                SELECT id, owner, turn, row_number() OVER (PARTITION BY follows ORDER BY turn, wanted_until) AS place, follows FROM ranked
                WHERE turn <= CASE WHEN follows THEN \(room.followedShare)::integer ELSE \(room.readShare)::integer END),
            chosen AS (
                SELECT r.id, f.owner FROM log_requests r JOIN fitting f USING (id)
                WHERE r.worker IS NULL AND f.place <= CASE WHEN f.follows THEN \(room.followed)::integer ELSE \(room.read)::integer END
                FOR UPDATE OF r SKIP LOCKED)
            UPDATE log_requests r SET worker = \(worker) FROM chosen c WHERE r.id = c.id
            RETURNING r.id, r.store_id, r.namespace, r.container, r.tail, r.follows, c.owner
            """
        ).map { row in
            let request = PodLogRequest(
                id: try row["id"],
                store: try row["store_id"],
                namespace: try row["namespace"],
                container: try row["container"],
                tail: try row["tail"],
                follows: try row["follows"]
            )
            return TakenLogRequest(request: request, owner: try row["owner"])
        }
    }

    /// How many followed logs each owner has at this worker, of those who wait for one more.
    package func ownersWaitingToFollow(worker: String) async throws -> [Int] {
        try await pool.query("SELECT min(turn) - 1 AS held FROM (\(Self.waitingLogs(worker))) w WHERE follows GROUP BY owner")
            .map { Int(try $0["held"] as Int64) }
    }

    /// What waits, with the turn in which its owner has it: the first is that after what the owner has at this worker already.
    private static func waitingLogs(_ worker: String) -> SQL {
        """
        SELECT r.id, coalesce(s.owner, '') AS owner, r.follows, r.wanted_until,
               row_number() OVER (PARTITION BY coalesce(s.owner, ''), r.follows ORDER BY r.wanted_until)
               + (SELECT count(*) FROM log_requests o LEFT JOIN stores t ON t.id = o.store_id
                  WHERE o.worker = \(worker) AND o.follows = r.follows AND coalesce(t.owner, '') = coalesce(s.owner, '')) AS turn
        FROM log_requests r LEFT JOIN stores s ON s.id = r.store_id
        WHERE r.worker IS NULL AND r.wanted_until >= clock_timestamp()
        """
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

/// How many logs a worker can take on: such as are followed, and such as are read once, which are soon over. A share is what one owner may have of each.
package struct LogRoom: Sendable {
    package var followed: Int
    package var followedShare: Int
    package var read: Int
    package var readShare: Int

    package init(followed: Int, followedShare: Int, read: Int, readShare: Int) {
        self.followed = followed
        self.followedShare = followedShare
        self.read = read
        self.readShare = readShare
    }
}

package struct TakenLogRequest: Sendable {
    package let request: PodLogRequest
    /// The store's owner; empty for a store without one.
    package let owner: String

    package init(request: PodLogRequest, owner: String) {
        self.request = request
        self.owner = owner
    }
}
