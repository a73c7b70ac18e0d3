import Postgres
import StoreDomain

/// The queue as a whole under the operator's hand.
extension StoreRecords {
    /// No job is claimed until `resume`; what runs goes on. A second pause replaces the first one's reason.
    package func pause(by operator: String, reason: String) async throws {
        _ = try await pool.query(
            "UPDATE queue_control SET paused_at = coalesce(paused_at, clock_timestamp()), paused_by = \(`operator`), reason = \(reason)"
        )
    }

    /// False: it was not paused.
    package func resume() async throws -> Bool {
        try await !pool.query(
            "UPDATE queue_control SET paused_at = NULL, paused_by = NULL, reason = NULL WHERE paused_at IS NOT NULL RETURNING 1"
        ).isEmpty
    }

    package func currentPause() async throws -> Pause? {
        let rows = try await pool.query("SELECT paused_at, paused_by, reason FROM queue_control WHERE paused_at IS NOT NULL")
        return try rows.first.map { Pause(at: try $0["paused_at"], by: try $0["paused_by"], reason: try $0["reason"]) }
    }

    package func queueSummary() async throws -> QueueSummary {
        let lines = try await pool.query(
            """
            SELECT kind, class, state, count(*) AS count, min(created_at) AS oldest FROM jobs WHERE state IN ('queued', 'running')
            GROUP BY kind, class, state ORDER BY state, class, kind
            """
        ).map {
            QueueSummary.Line(
                kind: try $0["kind"],
                jobClass: try $0["class"],
                state: try $0["state"],
                count: try $0["count"],
                oldest: try $0["oldest"]
            )
        }
        let users = try await pool.query(
            """
            SELECT owner, count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running
            FROM jobs WHERE state IN ('queued', 'running') GROUP BY owner ORDER BY count(*) DESC, owner LIMIT 50
            """
        ).map { QueueSummary.User(user: try $0["owner"], queued: try $0["queued"], running: try $0["running"]) }
        let dead: Int = try await pool.query("SELECT count(*) AS dead FROM jobs WHERE state = 'failed'").first?["dead"] ?? 0
        return QueueSummary(lines: lines, users: users, dead: dead, pause: try await currentPause())
    }

    /// Every namespace that an attempt holds or whose holder vanished, the overdue first, 500 at most.
    package func heldNamespaces() async throws -> [HeldNamespace] {
        try await pool.query(
            """
            SELECT namespace, job_id, worker, fence, expires_at, expires_at < clock_timestamp() AS overdue
            FROM namespace_leases WHERE isfinite(expires_at) ORDER BY expires_at LIMIT 500
            """
        ).map {
            HeldNamespace(
                namespace: try $0["namespace"],
                job: try $0.known("job_id"),
                worker: try $0["worker"],
                fence: try $0["fence"],
                expiresAt: try $0["expires_at"],
                isOverdue: try $0["overdue"]
            )
        }
    }

    /// Namespaces of stores that are ready, and those of all living stores: what the cluster is compared with.
    package func expectedNamespaces() async throws -> (ready: Set<String>, living: Set<String>) {
        let rows = try await pool.query("SELECT namespace, status = 'ready' AS ready FROM stores WHERE deleted_at IS NULL")
        var expected = (ready: Set<String>(), living: Set<String>())
        for row in rows {
            let namespace: String = try row["namespace"]
            expected.living.insert(namespace)
            if try row["ready"] { expected.ready.insert(namespace) }
        }
        return expected
    }

    /// Replaces what the last look found; an orphan that is still there keeps its first sight.
    package func record(_ orphans: [Orphan]) async throws {
        _ = try await pool.query(
            """
            WITH seen AS (
                INSERT INTO orphans (kind, name, detail)
                SELECT * FROM unnest(\(orphans.map(\.kind.rawValue))::text[], \(orphans.map(\.name))::text[], \(orphans.map(\.detail))::text[])
                ON CONFLICT (kind, name) DO UPDATE SET detail = excluded.detail, last_seen = clock_timestamp()
                RETURNING kind, name)
            DELETE FROM orphans o WHERE NOT EXISTS (
                SELECT 1 FROM unnest(\(orphans.map(\.kind.rawValue))::text[], \(orphans.map(\.name))::text[]) AS k (kind, name)
                WHERE k.kind = o.kind AND k.name = o.name)
            """
        )
    }

    package func orphans() async throws -> [Orphan] {
        try await pool.query("SELECT kind, name, detail, first_seen FROM orphans ORDER BY first_seen, kind, name").map {
            Orphan(kind: try $0["kind"], name: try $0["name"], detail: try $0["detail"], firstSeen: try $0["first_seen"])
        }
    }
}
