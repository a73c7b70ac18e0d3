import Foundation
import Postgres

/// A number about the installation, with what it is of.
package struct InstallationMetric: Sendable, Equatable {
    /// E.g. `jobs`.
    package let name: String
    /// E.g. `kind: delete`.
    package let labels: [String: String]
    package let value: Double
}

extension StoreRecords {
    /// One row for each volume of a living store that said what it uses.
    private static let volumes: SQL = """
        SELECT v.name, v.used, CASE WHEN v.used >= 0.95 * v.size THEN 'full' WHEN v.used >= 0.8 * v.size THEN 'nearly_full' ELSE 'free' END AS fill
          FROM store_snapshots n JOIN stores s ON s.id = n.store_id AND s.deleted_at IS NULL
          CROSS JOIN unnest(n.volume_names, n.volume_used, n.volume_sizes) v (name, used, size)
        """

    private static let className: SQL = "CASE class WHEN 0 THEN 'delete' WHEN 1 THEN 'interactive' ELSE 'background' END"

    /// The installation in numbers, in one round trip. Counts rows of living stores and jobs: a scrape every few seconds is fine.
    package func figures() async throws -> [InstallationMetric] {
        try await pool.query(
            """
            SELECT 'jobs' AS name, json_build_object('kind', kind, 'class', \(Self.className), 'state', state)::text AS labels, count(*)::float8 AS value
              FROM jobs WHERE state IN ('queued', 'running') GROUP BY kind, class, state
            UNION ALL SELECT 'job_oldest_ready_seconds', json_build_object('kind', kind, 'class', \(Self.className))::text,
                   extract(epoch FROM clock_timestamp() - min(run_after))::float8
              FROM jobs WHERE state = 'queued' AND run_after <= clock_timestamp() GROUP BY kind, class
            UNION ALL SELECT 'jobs_dead', '{}', count(*) FROM jobs WHERE state = 'failed'
            UNION ALL SELECT 'queue_paused', '{}', count(*) FROM queue_control WHERE paused_at IS NOT NULL
            UNION ALL SELECT 'leases', json_build_object('state', w.state)::text, count(l.namespace)
              FROM (VALUES ('held', false), ('overdue', true)) w (state, overdue)
              LEFT JOIN namespace_leases l ON isfinite(l.expires_at) AND l.job_id IS NOT NULL AND (l.expires_at < clock_timestamp()) = w.overdue
             GROUP BY w.state
            UNION ALL SELECT 'workers', json_build_object('state', w.state)::text, count(r.worker)
              FROM (VALUES ('well'), ('blind'), ('draining')) w (state)
              LEFT JOIN (SELECT r.worker, CASE WHEN NOT (r.kubernetes AND r.helm) THEN 'blind' WHEN d.worker IS NOT NULL THEN 'draining'
                                               ELSE 'well' END AS state
                           FROM worker_reports r LEFT JOIN worker_drains d ON d.worker = r.worker
                          WHERE r.reported_at > clock_timestamp() - interval '30 seconds') r ON r.state = w.state
             GROUP BY w.state
            UNION ALL SELECT 'worker_slots', json_build_object('state', w.state)::text, coalesce(sum(CASE w.state WHEN 'busy' THEN r.busy ELSE r.slots - r.busy END), 0)
              FROM (VALUES ('busy'), ('free')) w (state)
              LEFT JOIN worker_reports r ON r.reported_at > clock_timestamp() - interval '30 seconds' GROUP BY w.state
            UNION ALL SELECT 'stores', json_build_object('engine', engine, 'status', status, 'health', coalesce(health, 'none'))::text, count(*)
              FROM stores WHERE deleted_at IS NULL GROUP BY engine, status, health
            UNION ALL SELECT 'store_volumes', json_build_object('volume', v.name, 'fill', v.fill)::text, count(*)
              FROM (\(Self.volumes)) v GROUP BY v.name, v.fill
            UNION ALL SELECT 'store_volume_used_bytes', json_build_object('volume', v.name)::text, sum(v.used)::float8
              FROM (\(Self.volumes)) v GROUP BY v.name
            UNION ALL SELECT 'backups', json_build_object('kind', kind, 'status', status)::text, count(*) FROM backups GROUP BY kind, status
            UNION ALL SELECT 'backup_bytes', '{}', sum(added_bytes)::float8 FROM backups WHERE status = 'done' HAVING count(*) > 0
            UNION ALL SELECT 'backup_age_seconds', json_build_object('engine', s.engine)::text,
                   extract(epoch FROM clock_timestamp() - min(\(BackupCondition.since)))::float8
              FROM stores s WHERE \(BackupCondition.isWanted) AND s.first_ready_at < clock_timestamp() - interval '1 day' AND \(BackupCondition.areKept)
             GROUP BY s.engine
            UNION ALL SELECT 'orphans', json_build_object('kind', k.kind)::text, count(o.name)
              FROM (VALUES ('namespace'), ('store')) k (kind) LEFT JOIN orphans o ON o.kind = k.kind GROUP BY k.kind
            """,
            deadline: .seconds(5)
        ).map { row in
            let labels: String = try row["labels"]
            return InstallationMetric(
                name: try row["name"],
                labels: try JSONDecoder().decode([String: String].self, from: Data(labels.utf8)),
                value: try row["value"]
            )
        }
    }
}
