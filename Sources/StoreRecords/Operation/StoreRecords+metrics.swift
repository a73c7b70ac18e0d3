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
          FROM store_snapshots n JOIN stores s ON s.id = n.store_id AND s.deleted_at IS NULL AND NOT s.verification
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
            UNION ALL SELECT 'deletes_stuck', '{}', count(*)
              FROM jobs WHERE state IN ('queued', 'running') AND kind = 'delete' AND created_at < clock_timestamp() - interval '15 minutes'
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
                          WHERE is_alive(r)) r ON r.state = w.state
             GROUP BY w.state
            UNION ALL SELECT 'worker_slots', json_build_object('state', w.state)::text, coalesce(sum(CASE w.state WHEN 'busy' THEN r.busy ELSE r.slots - r.busy END), 0)
              FROM (VALUES ('busy'), ('free')) w (state)
              LEFT JOIN worker_reports r ON is_alive(r) GROUP BY w.state
            UNION ALL SELECT 'stores', json_build_object('engine', engine, 'status', status, 'health', coalesce(health, 'none'))::text, count(*)
              FROM stores WHERE deleted_at IS NULL AND NOT verification GROUP BY engine, status, health
            UNION ALL SELECT 'store_volumes', json_build_object('volume', v.name, 'fill', v.fill)::text, count(*)
              FROM (\(Self.volumes)) v GROUP BY v.name, v.fill
            UNION ALL SELECT 'store_volume_used_bytes', json_build_object('volume', v.name)::text, sum(v.used)::float8
              FROM (\(Self.volumes)) v GROUP BY v.name
            UNION ALL SELECT 'backups', json_build_object('kind', kind, 'status', status)::text, count(*) FROM backups GROUP BY kind, status
            UNION ALL SELECT 'backup_bytes', '{}', sum(kept_bytes(s))::float8 FROM stores s
                 WHERE EXISTS (SELECT 1 FROM backups b WHERE b.store_id = s.id AND b.status = 'done') HAVING count(*) > 0
            UNION ALL SELECT 'backup_age_seconds', json_build_object('engine', s.engine)::text,
                   extract(epoch FROM clock_timestamp() - min(\(BackupCondition.since)))::float8
              FROM stores s WHERE \(BackupCondition.isWanted) AND s.first_ready_at < clock_timestamp() - interval '1 day' AND \(BackupCondition.areKept)
             GROUP BY s.engine
            UNION ALL SELECT 'repositories', json_build_object('check', CASE WHEN s.check_failure IS NULL THEN 'fine' ELSE 'damaged' END)::text, count(*)
              FROM stores s WHERE s.deleted_at IS NULL AND s.checked_at IS NOT NULL GROUP BY s.check_failure IS NULL
            UNION ALL SELECT 'repository_check_age_seconds', '{}',
                   extract(epoch FROM clock_timestamp() - min(coalesce(s.checked_at, s.first_ready_at)))::float8
              FROM stores s WHERE \(BackupCondition.isWanted) AND s.last_backup_at IS NOT NULL AND \(BackupCondition.areKept) HAVING count(*) > 0
            UNION ALL SELECT 'test_restores', json_build_object('last', CASE WHEN s.verify_error IS NULL THEN 'done' ELSE 'failed' END)::text, count(*)
              FROM stores s WHERE s.deleted_at IS NULL AND NOT s.verification AND (s.verified_at IS NOT NULL OR s.verify_error IS NOT NULL) GROUP BY s.verify_error IS NULL
            UNION ALL SELECT 'backup_verified_age_seconds', json_build_object('engine', s.engine)::text,
                   extract(epoch FROM clock_timestamp() - min(coalesce(s.verified_at, s.first_ready_at)))::float8
              FROM stores s WHERE \(BackupCondition.isTested) AND s.verify_at IS NOT NULL GROUP BY s.engine
            UNION ALL SELECT 'rollouts', json_build_object('engine', engine, 'state', state)::text, count(*)
              FROM rollouts WHERE ended_at IS NULL GROUP BY engine, state
            UNION ALL SELECT 'rollout_stores', json_build_object('engine', r.engine, 'state', m.state)::text, count(*)
              FROM rollouts r JOIN rollout_stores m ON m.rollout_id = r.id WHERE r.ended_at IS NULL GROUP BY r.engine, m.state
            UNION ALL SELECT 'domains', json_build_object('state', w.state)::text, count(d.id)
              FROM (VALUES ('pending'), ('verified'), ('active'), ('failing')) w (state) LEFT JOIN domains d ON d.state = w.state GROUP BY w.state
            UNION ALL SELECT 'domain_certificate_seconds_left', '{}', extract(epoch FROM min(d.certificate_until) - clock_timestamp())::float8
              FROM domains d WHERE d.state = 'active' AND d.certificate_until IS NOT NULL HAVING count(*) > 0
            UNION ALL SELECT 'channels', json_build_object('state', w.state)::text, count(c.id)
              FROM (VALUES ('active'), ('failing'), ('paused'), ('unconfirmed')) w (state)
              LEFT JOIN channels c ON w.state = CASE WHEN c.state = 'active' AND c.failing_since IS NOT NULL THEN 'failing' ELSE c.state END
             GROUP BY w.state
            UNION ALL SELECT 'notice_oldest_due_seconds', '{}', coalesce(extract(epoch FROM clock_timestamp() - least(
                   (SELECT min(n.due_at) FROM notices n WHERE n.told_at IS NULL AND n.due_at < clock_timestamp()
                       AND EXISTS (SELECT 1 FROM channels c WHERE c.state = 'active')),
                   (SELECT min(d.next_at) FROM deliveries d JOIN channels c ON c.id = d.channel_id
                     WHERE d.status = 'waiting' AND d.next_at < clock_timestamp() AND c.state = 'active'
                       AND coalesce(c.taken_until, '-infinity') < clock_timestamp()))), 0)::float8
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
