import Foundation
import Postgres
package import StoreDomain

/// What keeps the queue true to PostgreSQL.
extension StoreRecords {
    /// Kinds of a newer version's jobs are for its workers to look after.
    private static let knownKinds = JobKind.allCases.map(\.rawValue)

    /// Queued jobs, oldest first, after `after`.
    package func queuedDescriptors(limit: Int, after: JobID?) async throws -> [JobDescriptor] {
        try await pool.query(
            """
            SELECT id, kind, class, store_id, namespace, owner, run_after, traceparent FROM jobs
            WHERE state = 'queued' AND id > \(after?.rawValue ?? 0) AND kind = ANY(\(Self.knownKinds)) ORDER BY id LIMIT \(limit)
            """
        ).map(JobDescriptor.init(row:))
    }

    /// Those that were queued last, the newest first.
    package func newestQueuedDescriptors(limit: Int) async throws -> [JobDescriptor] {
        try await pool.query(
            """
            SELECT id, kind, class, store_id, namespace, owner, run_after, traceparent FROM jobs
            WHERE state = 'queued' AND kind = ANY(\(Self.knownKinds)) ORDER BY id DESC LIMIT \(limit)
            """
        ).map(JobDescriptor.init(row:))
    }

    /// Ends the attempts whose holder vanished. Those that took too many workers with them are deadLettered, those that were called off, cancelled.
    package func releaseLapsed() async throws -> [ReleasedJob] {
        let released = try await pool.query("SELECT release_lapsed(100) AS id").map { try $0["id"] as Int64 }
        guard !released.isEmpty else { return [] }
        return try await pool.query(
            """
            SELECT id, kind, class, store_id, namespace, owner, run_after, traceparent, state, error FROM jobs
            WHERE id = ANY(\(released)) AND kind = ANY(\(Self.knownKinds))
            """
        ).map { row in
            let state: String = try row["state"]
            return ReleasedJob(
                descriptor: try JobDescriptor(row: row),
                isQueued: state == JobState.queued.rawValue,
                deadLettered: state == JobState.failed.rawValue ? try row["error"] ?? "failed" : nil
            )
        }
    }

    /// Whether this worker has the role until now + `time`: it had it already, or nobody did.
    package func hold(_ role: LeaderRole, worker: String, for time: Duration) async throws -> Bool {
        try await term(of: role, holder: worker, for: time) != nil
    }

    /// The number of the role's term when `holder` has it until now + `time`, else `nil`. It grows with each new holder.
    package func term(of role: LeaderRole, holder: String, for time: Duration) async throws -> Int64? {
        try await pool.query(
            """
            INSERT INTO leader_leases AS d (role, holder, expires_at) VALUES (\(role.rawValue), \(holder), clock_timestamp() + seconds(\(time.seconds)))
            ON CONFLICT (role) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
                term = d.term + (d.holder <> excluded.holder)::integer
                WHERE d.holder = excluded.holder OR d.expires_at < clock_timestamp()
            RETURNING term
            """,
            deadline: .seconds(3)
        ).first?["term"]
    }

    /// Lets another take the role at once.
    package func release(_ role: LeaderRole, holder: String) async throws {
        _ = try await pool.query(
            "UPDATE leader_leases SET expires_at = '-infinity' WHERE role = \(role.rawValue) AND holder = \(holder)",
            deadline: .seconds(3)
        )
    }
}

/// What one worker at a time does for all.
package enum LeaderRole: String, Sendable {
    case sweep
    case prune
    case orphans
    case watch
    case nodes
    case schedules
    case backups
    case purge
    case escrow
    case verifications
    case archives
    case repositories
    case rollouts
    case domains
    case capacity
    case counting
    case use
}

/// A job whose holder vanished.
package struct ReleasedJob: Sendable, Equatable {
    package let descriptor: JobDescriptor
    /// False: it is final.
    package let isQueued: Bool
    /// Why it was given up for good.
    package let deadLettered: String?
}

extension JobDescriptor {
    init(row: PostgresRow) throws {
        self.init(
            id: try row["id"],
            kind: try row["kind"],
            jobClass: try row.known("class"),
            store: try row["store_id"],
            namespace: try row["namespace"],
            user: try row.known("owner"),
            notBefore: try row["run_after"],
            traceparent: try row["traceparent"]
        )
    }
}
