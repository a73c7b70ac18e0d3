package import Foundation
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Puts stores to sleep and wakes them as their schedules say. One worker at a time does it.
package struct ScheduleFollower: Service {
    private let records: StoreRecords
    private let jobs: JobEnqueuer
    private let turns: Turns
    /// Of owners without a quota of their own.
    private let unitsPerUser: Int
    private let logger: Logger

    package init(
        records: StoreRecords,
        jobs: JobEnqueuer,
        worker: String,
        unitsPerUser: Int,
        interval: Duration = .seconds(30),
        logger: Logger
    ) {
        self.records = records
        self.jobs = jobs
        turns = Turns(.schedules, records: records, worker: worker, every: interval, logger: logger)
        self.unitsPerUser = unitsPerUser
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Schedules could not be followed") { try await follow(now: Date()) }
    }

    /// All that is due. A page of which nothing could be done would be the next one again.
    package func follow(now: Date, page: Int = 100) async throws {
        while true {
            let due = try await records.dueStores(at: now, limit: page)
            var done = 0
            for store in due where try await follow(store, now: now) { done += 1 }
            if due.count < page || done == 0 { return }
        }
    }

    /// Whether the store is no longer due.
    private func follow(_ store: DueStore, now: Date) async throws -> Bool {
        guard let schedule = store.schedule else {
            logger.error("A store has a schedule that this worker cannot read", metadata: ["store": "\(store.id)"])
            return false
        }
        switch try await records.follow(schedule, of: store, now: now, unitsPerUser: unitsPerUser) {
        case .accepted(let descriptor):
            logger.info("A schedule changes a store", metadata: ["store": "\(store.id)", "job": "\(descriptor.id)"])
            await jobs.enqueue(descriptor)
        case .unitLimitReached:
            logger.notice("A schedule may not wake a store: its owner's units are used", metadata: ["store": "\(store.id)"])
        case .left, .superseded: break
        }
        return true
    }
}
