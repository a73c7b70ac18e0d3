import Foundation
import Postgres
import StoreDomain

extension StoreRecords {
    /// Workers that reported within the last day, by name.
    package func workers() async throws -> [ReportedWorker] {
        try await pool.query(
            """
            SELECT r.worker, r.reported_at, r.version, r.slots, r.busy, r.kubernetes, r.helm, r.keeps_backups, r.interactive_limit,
                   r.background_limit, d.worker IS NOT NULL AS draining
            FROM worker_reports r LEFT JOIN worker_drains d ON d.worker = r.worker ORDER BY r.worker
            """
        ).map {
            let (interactive, background): (Int?, Int?) = (try $0["interactive_limit"], try $0["background_limit"])
            return ReportedWorker(
                report: WorkerReport(
                    worker: try $0["worker"],
                    version: try $0["version"],
                    slots: try $0["slots"],
                    busy: try $0["busy"],
                    kubernetes: try $0["kubernetes"],
                    helm: try $0["helm"],
                    keepsBackups: try $0["keeps_backups"],
                    limits: interactive.flatMap { some in background.map { ClassLimits(interactive: some, background: $0) } }
                ),
                reportedAt: try $0["reported_at"],
                isDraining: try $0["draining"]
            )
        }
    }

    /// The worker takes no more jobs until `undrain`; what it runs goes on. False: no worker of this name reported within a day.
    package func drain(_ worker: String, by name: String, reason: String) async throws -> Bool {
        try await !pool.query(
            """
            INSERT INTO worker_drains (worker, asked_by, reason)
            SELECT worker, \(name), \(reason) FROM worker_reports WHERE worker = \(worker)
            ON CONFLICT (worker) DO UPDATE SET asked_by = excluded.asked_by, reason = excluded.reason RETURNING 1
            """
        ).isEmpty
    }

    /// False: it was not drained.
    package func undrain(_ worker: String) async throws -> Bool {
        try await !pool.query("DELETE FROM worker_drains WHERE worker = \(worker) RETURNING 1").isEmpty
    }

    package func isDraining(_ worker: String) async throws -> Bool {
        try await !pool.query("SELECT 1 FROM worker_drains WHERE worker = \(worker)").isEmpty
    }
}
