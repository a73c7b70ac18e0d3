import Foundation
import Postgres
package import StoreDomain

/// What a worker says of itself.
package struct WorkerReport: Sendable, Equatable {
    package var worker: String
    package var version: String
    package var slots: Int
    package var busy: Int
    package var kubernetes: Bool
    package var helm: Bool
    /// Whether it can take and restore backups.
    package var keepsBackups: Bool
    /// What it puts behind a store's name to make its host, see `StoreAddressing.suffix`.
    package var hostSuffix: String?
    /// How many jobs of each class it lets run at once in the whole installation; `nil`: it is of a version that does not say.
    package var limits: ClassLimits?

    package init(
        worker: String,
        version: String,
        slots: Int,
        busy: Int,
        kubernetes: Bool,
        helm: Bool,
        keepsBackups: Bool = false,
        hostSuffix: String? = nil,
        limits: ClassLimits? = nil
    ) {
        self.worker = worker
        self.version = version
        self.slots = slots
        self.busy = busy
        self.kubernetes = kubernetes
        self.helm = helm
        self.keepsBackups = keepsBackups
        self.hostSuffix = hostSuffix
        self.limits = limits
    }
}

extension StoreRecords {
    /// What a worker found of itself and its surroundings, and all charts that it has; workers silent for a day are forgotten.
    package func report(_ report: WorkerReport, charts: [ChartFacts]) async throws {
        let encoder = JSONEncoder()
        func json(_ value: some Encodable) throws -> String { String(decoding: try encoder.encode(value), as: UTF8.self) }
        let plans = try charts.map { chart in
            try json(Dictionary(uniqueKeysWithValues: chart.plans.map { ($0.key.rawValue, $0.value) }))
        }
        _ = try await pool.query(
            """
            WITH gone AS (DELETE FROM worker_reports WHERE reported_at < clock_timestamp() - interval '1 day'),
            reported AS (
                INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm, keeps_backups, host_suffix,
                    interactive_limit, background_limit)
                VALUES (\(report.worker), \(report.version), \(report.slots), \(report.busy), \(report.kubernetes), \(report.helm),
                        \(report.keepsBackups), \(report.hostSuffix), \(report.limits?.interactive), \(report.limits?.background))
                ON CONFLICT (worker) DO UPDATE SET reported_at = clock_timestamp(), version = excluded.version, slots = excluded.slots,
                    busy = excluded.busy, kubernetes = excluded.kubernetes, helm = excluded.helm, keeps_backups = excluded.keeps_backups,
                    host_suffix = excluded.host_suffix, interactive_limit = excluded.interactive_limit,
                    background_limit = excluded.background_limit),
            told AS (
                SELECT * FROM unnest(
                    \(charts.map(\.engine.rawValue))::text[], \(charts.map(\.version.rawValue))::text[], \(charts.map(\.appVersion))::text[],
                    \(charts.map { String($0.isCurrent) })::boolean[], \(charts.map(\.defaultPlan.rawValue))::text[], \(plans)::text[],
                    \(try charts.map { try json($0.storage) })::text[]
                ) AS t (engine, version, app_version, is_current, default_plan, plans, storage)),
            replaced AS (
                DELETE FROM worker_charts c WHERE c.worker = \(report.worker)
                   AND NOT EXISTS (SELECT 1 FROM told WHERE told.engine = c.engine AND told.version = c.version))
            INSERT INTO worker_charts (worker, engine, version, app_version, is_current, default_plan, plans, storage)
            SELECT \(report.worker), engine, version, app_version, is_current, default_plan, plans::jsonb, storage::jsonb FROM told
            ON CONFLICT (worker, engine, version) DO UPDATE SET app_version = excluded.app_version, is_current = excluded.is_current,
                default_plan = excluded.default_plan, plans = excluded.plans, storage = excluded.storage
            """
        )
    }

    /// Whether a worker that reported within half a minute, and takes jobs, has that version of an engine's chart.
    package func hasChart(of engine: Engine, version: ChartVersion) async throws -> Bool {
        try await !pool.query(
            """
            SELECT 1 FROM worker_charts c JOIN worker_reports r ON r.worker = c.worker
            WHERE c.engine = \(engine.rawValue) AND c.version = \(version.rawValue)
              AND is_alive(r) AND NOT EXISTS (SELECT 1 FROM worker_drains d WHERE d.worker = c.worker)
            LIMIT 1
            """
        ).isEmpty
    }

    /// The charts that workers have which reported within the last half minute; newest versions first, each once. What is said of one comes from
    /// the worker that reported last.
    package func charts() async throws -> [ChartFacts] {
        let decoder = JSONDecoder()
        let rows = try await pool.query(
            """
            SELECT DISTINCT ON (c.engine, c.version) c.engine, c.version, c.app_version, bool_or(c.is_current) OVER (PARTITION BY c.engine, c.version) AS is_current,
                   c.default_plan, c.plans::text AS plans, c.storage::text AS storage
            FROM worker_charts c JOIN worker_reports r ON r.worker = c.worker AND is_alive(r)
            ORDER BY c.engine, c.version, r.reported_at DESC
            """
        )
        return try rows.map { row in
            let (plans, storage): (String, String) = (try row["plans"], try row["storage"])
            let facts = try decoder.decode([String: ChartFacts.Plan].self, from: Data(plans.utf8))
            return ChartFacts(
                engine: try row["engine"],
                version: try row["version"],
                appVersion: try row["app_version"],
                isCurrent: try row["is_current"],
                defaultPlan: try row["default_plan"],
                plans: Dictionary(uniqueKeysWithValues: facts.compactMap { key, value in StorePlan(rawValue: key).map { ($0, value) } }),
                storage: try decoder.decode(ChartFacts.Storage.self, from: Data(storage.utf8))
            )
        }.sorted { ($0.engine.rawValue, $1.version) < ($1.engine.rawValue, $0.version) }
    }
}
