import Foundation
import JobDispatch
import JobQueue
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Backups by night, with a clock that the test sets.
@Suite(.timeLimit(.minutes(20))) struct BackupSchedulerTests {
    private let window = BackupWindow.standard
    /// In the evening of a day in January 2026.
    private let evening = Date(timeIntervalSince1970: 1_767_225_600 + 20 * 3_600)

    private func scheduler(_ platform: Platform) -> BackupScheduler {
        BackupScheduler(
            records: platform.records,
            jobs: JobEnqueuer(queue: platform.queue, logger: platform.logger),
            worker: "w",
            window: window,
            logger: platform.logger
        )
    }

    private func ready(_ platform: Platform, _ name: String) async throws -> Store {
        let request = NewStore(name: try StoreName(name), engine: .woocommerce, owner: nil)
        guard case .accepted(let store, _) = try await platform.records.create(request, limits: StoreLimits(total: 100, perUser: 100))
        else {
            throw TestSupportError(message: "not accepted")
        }
        try await platform.pool.query("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE store_id = \(store.id.rawValue)")
        try await platform.pool.query(
            "UPDATE stores SET status = 'ready', first_ready_at = now(), applied_generation = 1 WHERE id = \(store.id.rawValue)"
        )
        return store
    }

    private func queued(_ platform: Platform) async throws -> [JobDescriptor] {
        try await platform.records.newestQueuedDescriptors(limit: 100)
    }

    @Test("a store is backed up at its minute of each night, once, by a job of the background") func nightly() async throws {
        try await Platform.run { platform async throws in
            let (store, scheduler) = (try await ready(platform, "Acme"), scheduler(platform))
            let minute = window.next(after: evening, for: store.id)
            try await scheduler.queue(now: evening)
            try await scheduler.queue(now: minute - 1)
            #expect(try await queued(platform).isEmpty)
            try await scheduler.queue(now: minute)
            let job = try #require(try await queued(platform).first)
            #expect(job.kind == .backup && job.jobClass == .background && job.store == store.id)
            #expect(try await platform.queue.position(of: job.id) != nil)
            try await scheduler.queue(now: minute + 60)
            #expect(try await queued(platform).count == 1)
            try await platform.pool.query(
                "UPDATE jobs SET state = 'failed', finished_at = now(), error = 'x' WHERE id = \(job.id.rawValue)"
            )
            try await scheduler.queue(now: minute + 86_399)
            #expect(try await queued(platform).isEmpty)
            try await scheduler.queue(now: minute + 86_400)
            #expect(try await queued(platform).count == 1)
        }
    }

    @Test("many stores are all given their minutes and all queued, and one that is busy stays due") func many() async throws {
        try await Platform.run { platform async throws in
            let scheduler = scheduler(platform)
            var stores: [Store] = []
            for number in 0..<7 { stores.append(try await ready(platform, "Store \(number)")) }
            try await scheduler.queue(now: evening, page: 3)
            guard
                case .accepted = try await platform.records.change(
                    ChangeRequest(stores[0].id, StoreChange(plan: .large)),
                    limits: StoreLimits(total: 100, perUser: 100),
                    by: .ops
                )
            else { throw TestSupportError(message: "not changed") }
            let morning = evening + 86_400
            try await scheduler.queue(now: morning, page: 3)
            #expect(Set(try await queued(platform).filter { $0.kind == .backup }.map(\.store)) == Set(stores.dropFirst().map(\.id)))
            try await platform.pool.query("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE kind = 'apply'")
            try await scheduler.queue(now: morning, page: 3)
            #expect(try await queued(platform).filter { $0.kind == .backup }.count == 7)
        }
    }
}
