import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct ScheduleTests {
    private static let noon = Date(timeIntervalSince1970: 1_767_268_800)
    private static let evening = noon + 8 * 3_600

    /// A ready store that is to sleep at `evening`.
    private func scheduled(_ records: StoreRecords, with change: StoreChange = StoreChange()) async throws -> Store {
        let (store, descriptor) = try await records.accepted("Acme")
        let claim = try await records.claimed(descriptor)
        _ = try await records.settle(claim, as: .ready(url: "http://acme.localhost", engineVersion: nil))
        var change = change
        change.schedule = .set(try #require(AwakeSchedule("Mo-Su 08:00-20:00 UTC")))
        _ = try await records.change(ChangeRequest(store.id, change), limits: roomy, now: Self.noon, by: tester)
        return try #require(try await records.store(store.id, visibleTo: nil))
    }

    @Test("a schedule counts from when it was set, and a store is due once its next change has come") func due() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await scheduled(records)
            #expect(store.awakeSchedule?.description == "Mo-Su 08:00-20:00 UTC" && store.generation == 1 && !store.spec.isAsleep)
            #expect(try await records.dueStores(at: Self.evening - 1, limit: 9).isEmpty)
            let due = try await records.dueStores(at: Self.evening, limit: 9)
            #expect(due.map(\.id) == [store.id] && due.map(\.due) == [Self.evening] && due.map(\.schedule) == [store.awakeSchedule])
            #expect(try await records.list(StoreQuery()).stores.map(\.awakeSchedule) == [store.awakeSchedule])
        }
    }

    @Test("a change that is kept does not take back the schedule that came with it") func kept() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await scheduled(records, with: StoreChange(plan: .large))
            let job = try #require(try await records.newestQueuedDescriptors(limit: 1).first)
            let failure = ChangeFailure(code: "no-room", message: "There is no room.")
            _ = try await records.settle(
                try await records.claimed(job),
                as: .ready(url: "http://acme.localhost", engineVersion: nil, change: failure)
            )
            let after = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(after.spec.plan == .small && after.changeError?.failure == failure && after.awakeSchedule == store.awakeSchedule)
        }
    }

    @Test("a store without a schedule any more, or that is gone, is not due") func gone() async throws {
        try await withRecords { (records, pool) async throws in
            let (cleared, deleted) = (try await scheduled(records), try await scheduled(records))
            _ = try await records.change(ChangeRequest(cleared.id, StoreChange(schedule: .clear)), limits: roomy, by: tester)
            try await pool.query("UPDATE stores SET status = 'deleting' WHERE id = \(deleted.id.rawValue)")
            try await pool.query("UPDATE stores SET deleted_at = now() WHERE id = \(deleted.id.rawValue)")
            #expect(try await records.dueStores(at: Self.evening, limit: 9).isEmpty)
        }
    }
}
