import Foundation
import JobDispatch
import JobQueue
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// The conductor's turns, with a clock that the test sets.
@Suite(.timeLimit(.minutes(20))) struct RolloutConductorTests {
    private struct Fleet {
        let platform: Platform
        let rollout: RolloutID

        /// Stores with version 1.1.0, and a rollout of 1.2.0.
        init(_ platform: Platform, stores: Int, isUrgent: Bool = false) async throws {
            self.platform = platform
            for number in 1...stores {
                let request = NewStore(name: try StoreName("Store \(number)"), engine: .woocommerce, owner: nil)
                guard case .accepted = try await platform.records.create(request, limits: StoreLimits(total: 100, perUser: 100)) else {
                    throw CancellationError()
                }
            }
            try await platform.pool.query("UPDATE jobs SET state = 'succeeded'")
            try await platform.pool.query(
                "UPDATE stores SET status = 'ready', first_ready_at = now(), applied_generation = 1, version = '1.1.0'"
            )
            let version = try #require(ChartVersion("1.2.0"))
            let chart = ChartFacts(
                engine: .woocommerce,
                version: version,
                appVersion: "11",
                isCurrent: true,
                defaultPlan: .small,
                plans: [:],
                storage: .init(database: "5Gi", uploads: "5Gi")
            )
            let worker = WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true)
            try await platform.records.report(worker, charts: [chart])
            let order = RolloutOrder(engine: .woocommerce, version: version, batch: 2, soakSeconds: 0, isUrgent: isUrgent)
            guard case .created(let rollout) = try await platform.records.createRollout(order, by: .ops) else { throw CancellationError() }
            self.rollout = rollout.id
        }

        func conductor(_ window: String? = nil) -> RolloutConductor {
            RolloutConductor(
                records: platform.records,
                jobs: JobEnqueuer(queue: platform.queue, logger: platform.logger),
                worker: "w",
                window: window.flatMap { AwakeSchedule($0) },
                logger: platform.logger
            )
        }

        /// The worker's part.
        func apply() async throws {
            try await platform.pool.query("UPDATE jobs SET state = 'succeeded' WHERE state = 'queued'")
            try await platform.pool.query("UPDATE store_specs SET outcome = 'applied' WHERE outcome IS NULL")
            try await platform.pool.query("UPDATE stores SET applied_generation = generation, activity = NULL")
        }

        func state() async throws -> Rollout { try #require(try await platform.records.rollout(rollout)) }

        /// In January 2026, whose first day is a Thursday.
        func at(_ hour: Int) -> Date { Date(timeIntervalSince1970: 1_767_225_600 + Double(hour * 3_600)) }
    }

    @Test("stores are begun in Redis, too, as many as the batch says, until all are done") func turns() async throws {
        try await Platform.run { platform async throws in
            let fleet = try await Fleet(platform, stores: 3)
            let conductor = fleet.conductor()
            try await conductor.turn(now: fleet.at(12))
            let queued = try await platform.records.newestQueuedDescriptors(limit: 10)
            #expect(queued.count == 2 && queued.allSatisfy { $0.kind == .apply && $0.jobClass == .background })
            for job in queued { #expect(try await platform.queue.position(of: job.id) != nil) }
            try await conductor.turn(now: fleet.at(12))
            #expect(try await platform.records.newestQueuedDescriptors(limit: 10).count == 2)
            for _ in 0..<2 {
                try await fleet.apply()
                try await conductor.turn(now: fleet.at(13))
            }
            #expect(try await fleet.state().state == .done)
        }
    }

    @Test("outside the installation's hours it waits and says until when; what is urgent does not") func window() async throws {
        try await Platform.run { platform async throws in
            let fleet = try await Fleet(platform, stores: 1)
            let night = fleet.conductor("Mo-Su 01:00-05:00 UTC")
            try await night.turn(now: fleet.at(12))
            let waiting = try await fleet.state()
            #expect(waiting.state == .planned && waiting.opensAt == fleet.at(25))
            try await night.turn(now: fleet.at(25))
            let begun = try await fleet.state()
            #expect(begun.state == .running && begun.opensAt == nil && begun.numbers == [.running: 1])
            _ = try await platform.records.operate(fleet.rollout, .cancel, by: .ops)
            let urgent = try await Fleet(platform, stores: 1, isUrgent: true)
            try await urgent.conductor("Mo-Su 01:00-05:00 UTC").turn(now: fleet.at(12))
            #expect(try await urgent.state().state == .running)
        }
    }
}
