import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Ready stores of WooCommerce with version 1.1.0, a worker that has newer ones, and a conductor whose turns the test takes.
struct RolloutFleet {
    static let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: nil)
    static let kept = AttemptOutcome.ready(
        url: "http://acme.localhost",
        engineVersion: nil,
        change: ChangeFailure(code: "not-proved", message: "The cart answered 500.")
    )
    static let failed = AttemptOutcome.failed(message: "The app does not start.", permanent: true)

    let records: StoreRecords
    let pool: PostgresPool
    let stores: [StoreID]

    static func with(_ count: Int, _ body: (RolloutFleet) async throws -> Void) async throws {
        try await withRecords { (records, pool) async throws in
            var stores: [StoreID] = []
            for number in 1...count { stores.append(try await ready(records, pool, "Store \(number)")) }
            let fleet = RolloutFleet(records: records, pool: pool, stores: stores)
            try await fleet.report(["1.2.0", "1.3.0"])
            try await body(fleet)
        }
    }

    private static func ready(_ records: StoreRecords, _ pool: PostgresPool, _ name: String) async throws -> StoreID {
        let (store, job) = try await records.accepted(name)
        _ = try await records.settle(records.claimed(job), as: ready)
        try await pool.query("UPDATE stores SET version = '1.1.0' WHERE id = \(store.id.rawValue)")
        return store.id
    }

    /// A worker says which versions it has.
    func report(_ versions: [String], engine: Engine = .woocommerce) async throws {
        let worker = WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true)
        try await records.report(
            worker,
            charts: versions.map { version in
                ChartFacts(
                    engine: engine,
                    version: ChartVersion(version)!,
                    appVersion: "11.2.0",
                    isCurrent: true,
                    defaultPlan: .small,
                    plans: [.small: ChartFacts.Plan(cpu: "1", memory: "512Mi", databaseMemory: "768Mi")],
                    storage: ChartFacts.Storage(database: "5Gi", uploads: "5Gi")
                )
            }
        )
    }

    func order(_ version: String = "1.2.0", waves: String = "100%", soak: Int = 0, failures: Int = 0, batch: Int = 100) -> RolloutOrder {
        RolloutOrder(
            engine: .woocommerce,
            version: ChartVersion(version)!,
            waves: RolloutWaves(waves)!,
            batch: batch,
            maxFailures: failures,
            soakSeconds: soak
        )
    }

    func create(_ order: RolloutOrder) async throws -> RolloutID {
        guard case .created(let rollout) = try await records.createRollout(order, by: tester) else {
            throw TestSupportError(message: "the rollout was not made")
        }
        #expect(rollout.state == .planned)
        return rollout.id
    }

    /// What the conductor does in one turn. The jobs that it made.
    @discardableResult func turn(_ id: RolloutID, opensAt: Date? = nil) async throws -> [JobDescriptor] {
        _ = try await records.advance(id, opensAt: opensAt)
        var jobs: [JobDescriptor] = []
        while true {
            switch try await records.beginMember(of: id) {
            case .accepted(_, let job): jobs.append(job)
            case .skipped: continue
            case .none: return jobs
            }
        }
    }

    func settle(_ job: JobDescriptor, as outcome: AttemptOutcome = ready) async throws {
        _ = try await records.settle(records.claimed(job), as: outcome)
    }

    func rollout(_ id: RolloutID) async throws -> Rollout { try #require(try await records.rollout(id)) }

    func state(_ id: RolloutID) async throws -> RolloutState { try await rollout(id).state }

    func numbers(_ id: RolloutID) async throws -> [RolloutMemberState: Int] { try await rollout(id).numbers }

    func members(_ id: RolloutID, _ states: RolloutMemberState...) async throws -> [RolloutMember] {
        try #require(try await records.members(of: id, RolloutMemberQuery(states: states, limit: 1_000)))
    }

    /// Lets time pass for what is watched: the moments are moved, nobody sleeps.
    func pass(seconds: Int) async throws {
        try await pool.query("UPDATE rollout_stores SET applied_at = applied_at - seconds(\(seconds)) WHERE applied_at IS NOT NULL")
        try await pool.query("UPDATE health_history SET at = at - seconds(\(seconds))")
    }

    /// The watcher says so.
    func degrade(_ store: StoreID, _ cause: String? = "The storefront answers 500.") async throws {
        try await pool.query("UPDATE stores SET health = 'degraded', health_cause = \(cause) WHERE id = \(store.rawValue)")
    }

    func recover(_ store: StoreID) async throws {
        try await pool.query("UPDATE stores SET health = 'healthy', health_cause = NULL WHERE id = \(store.rawValue)")
    }

    func operate(_ id: RolloutID, _ action: RolloutAction) async throws {
        guard case .accepted = try await records.operate(id, action, by: tester) else {
            throw TestSupportError(message: "\(action.rawValue) was refused")
        }
    }
}
