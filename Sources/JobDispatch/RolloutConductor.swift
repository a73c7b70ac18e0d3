package import Foundation
package import Logging
import ServiceLifecycle
package import StoreDomain
package import StoreRecords

/// Carries rollouts on: notes what became of their stores, and begins the next ones. One worker at a time does it; all that it knows is in the
/// records, so that another one goes on where it stopped.
package struct RolloutConductor: Service {
    private let records: StoreRecords
    private let jobs: JobEnqueuer
    private let turns: Turns
    /// `nil`: at any hour.
    private let window: AwakeSchedule?
    private let logger: Logger

    /// `window`: when the rollouts that respect it may begin stores; one that ends while a store is upgraded does not stop that.
    package init(
        records: StoreRecords,
        jobs: JobEnqueuer,
        worker: String,
        window: AwakeSchedule?,
        interval: Duration = .seconds(2),
        logger: Logger
    ) {
        self.records = records
        self.jobs = jobs
        turns = Turns(.rollouts, records: records, worker: worker, every: interval, logger: logger)
        self.window = window
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Rollouts could not be carried on") { try await turn(now: Date()) }
    }

    package func turn(now: Date) async throws {
        try await records.endPins()
        // A schedule that never changes is one of all hours.
        let opensAt = window.flatMap { $0.isAwake(at: now) ? nil : $0.nextChange(after: now) }
        for id in try await records.rolloutsToAdvance() {
            if let changed = try await records.advance(id, opensAt: opensAt) { tell(of: changed) }
            try await begin(id)
        }
    }

    /// As many stores as may.
    private func begin(_ id: RolloutID) async throws {
        while true {
            switch try await records.beginMember(of: id) {
            case .accepted(let store, let descriptor):
                logger.info(
                    "A rollout upgrades a store",
                    metadata: ["rollout": "\(id)", "store": "\(store.id)", "job": "\(descriptor.id)"]
                )
                await jobs.enqueue(descriptor)
            case .skipped: continue
            case .none: return
            }
        }
    }

    private func tell(of rollout: Rollout) {
        let facts: Logger.Metadata = [
            "rollout": "\(rollout.id)", "engine": "\(rollout.order.engine.rawValue)", "version": "\(rollout.order.version)",
        ]
        switch rollout.state {
        case .halted:
            logger.error(
                "A rollout is halted",
                metadata: facts.merging(["reason": "\(rollout.haltedReason ?? "")"]) { first, _ in first }
            )
        case .running: logger.notice("A rollout begins", metadata: facts)
        case .done: logger.notice("A rollout is done", metadata: facts)
        case .planned, .paused, .cancelled: break
        }
    }
}
