import Foundation
import Postgres
package import StoreDomain

/// A store's attempts, what they said, and how it fared.
extension StoreRecords {
    /// The kept attempts, newest first, without their evidence; `nil` for a store that the caller may not see.
    package func attempts(of id: StoreID, visibleTo: StoreAccess?) async throws -> [AttemptRecord]? {
        guard try await sees(id, visibleTo) else { return nil }
        return try await pool.query("\(attemptColumns), NULL AS evidence FROM attempts WHERE store_id = \(id.rawValue) ORDER BY fence DESC")
            .map(AttemptRecord.init(row:))
    }

    /// One attempt with its evidence.
    package func attempt(_ number: Int64, of id: StoreID, visibleTo: StoreAccess?) async throws -> AttemptRecord? {
        guard try await sees(id, visibleTo) else { return nil }
        return try await pool.query(
            "\(attemptColumns), evidence::text AS evidence FROM attempts WHERE store_id = \(id.rawValue) AND fence = \(number)"
        ).first.map(AttemptRecord.init(row:))
    }

    /// Lines of the build log after `after`, oldest first, at most `limit`; of one attempt or of all. The store is not checked.
    package func buildLog(of id: StoreID, attempt: Int64?, after: Int64, limit: Int) async throws -> [BuildLine] {
        try await pool.query(
            """
            SELECT id, at, fence, stage, source, kind, message FROM store_events
            WHERE store_id = \(id.rawValue) AND id > \(after) AND fence IS NOT NULL AND (\(attempt)::bigint IS NULL OR fence = \(attempt))
            ORDER BY id LIMIT \(limit)
            """
        ).map { row in
            BuildLine(
                id: try row["id"],
                at: try row["at"],
                attempt: try row["fence"],
                stage: try row.known("stage"),
                source: try row["source"],
                kind: try row["kind"],
                text: try row["message"]
            )
        }
    }

    /// The last 100 changes of the store's health, newest first; `nil` for a store that the caller may not see.
    package func healthHistory(of id: StoreID, visibleTo: StoreAccess?) async throws -> [HealthChange]? {
        guard try await sees(id, visibleTo) else { return nil }
        return try await pool.query(
            "SELECT at, from_health, to_health, cause FROM health_history WHERE store_id = \(id.rawValue) ORDER BY id DESC LIMIT 100"
        ).map {
            HealthChange(at: try $0["at"], from: try $0.known("from_health"), to: try $0.known("to_health"), cause: try $0["cause"])
        }
    }

    /// Whether there is such a store and the caller may see it.
    package func sees(_ id: StoreID, _ visibleTo: StoreAccess?) async throws -> Bool {
        try await !pool.query(
            """
            SELECT 1 FROM stores WHERE id = \(id.rawValue) AND deleted_at IS NULL AND NOT verification
               AND (\(visibleTo?.user.rawValue)::text IS NULL OR owner = \(visibleTo?.user.rawValue)
                    OR is_member(id, \(visibleTo?.user.rawValue), \(visibleTo?.least.rawValue)))
            """
        ).isEmpty
    }
}

private let attemptColumns: SQL = "SELECT fence, job_id, kind, number, worker, started_at, ended_at, outcome, message, cause"

extension AttemptRecord {
    init(row: PostgresRow) throws {
        self.init(
            id: try row["fence"],
            job: try row["job_id"],
            kind: try row["kind"],
            number: try row["number"],
            worker: try row["worker"],
            startedAt: try row["started_at"],
            endedAt: try row["ended_at"],
            outcome: try row.known("outcome"),
            message: try row["message"],
            cause: try row["cause"],
            evidence: try row["evidence"]
        )
    }
}
