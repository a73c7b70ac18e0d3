import Foundation
import JobDispatch
import JobQueue
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Stores with a schedule of 08:00 to 20:00 UTC on every day, and a clock that the test sets.
@Suite(.timeLimit(.minutes(20))) struct ScheduleTests {
    private struct Night {
        let platform: Platform
        let follower: ScheduleFollower

        init(_ platform: Platform, units: Int = 100) {
            self.platform = platform
            follower = ScheduleFollower(
                records: platform.records,
                jobs: JobEnqueuer(queue: platform.queue, logger: platform.logger),
                worker: "w",
                unitsPerUser: units,
                logger: platform.logger
            )
        }

        /// In January 2026.
        func at(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Date {
            Date(timeIntervalSince1970: 1_767_225_600 + Double(((day - 1) * 24 + hour) * 3_600 + minute * 60))
        }

        func schedule(_ store: StoreID, _ text: String = "Mo-Su 08:00-20:00 UTC", now: Date) async throws {
            let schedule = try #require(AwakeSchedule(text))
            guard case .scheduled = try await change(store, StoreChange(schedule: .set(schedule)), now: now) else {
                Issue.record("not scheduled")
                return
            }
        }

        @discardableResult func change(_ store: StoreID, _ change: StoreChange, now: Date = Date()) async throws -> ChangeOutcome {
            try await platform.records.change(
                ChangeRequest(store, change),
                limits: StoreLimits(total: 100, perUser: 100),
                now: now,
                by: .ops
            )
        }

        func ready(_ name: String, owner: String? = nil) async throws -> Store {
            let request = NewStore(name: try StoreName(name), engine: .woocommerce, owner: owner.flatMap { UserID($0) })
            guard case .accepted(let store, _) = try await platform.records.create(request, limits: StoreLimits(total: 100, perUser: 100))
            else {
                throw CancellationError()
            }
            try await platform.pool.query("UPDATE jobs SET state = 'succeeded' WHERE store_id = \(store.id.rawValue)")
            try await platform.pool.query(
                "UPDATE stores SET status = 'ready', first_ready_at = now(), applied_generation = 1 WHERE id = \(store.id.rawValue)"
            )
            return store
        }

        /// The worker's part.
        func apply() async throws {
            try await platform.pool.query("UPDATE jobs SET state = 'succeeded' WHERE state = 'queued'")
            try await platform.pool.query(
                "UPDATE stores SET applied_generation = generation, activity = NULL, weight = store_weight(plan, asleep)"
            )
        }

        func store(_ id: StoreID) async throws -> Store { try #require(try await platform.records.store(id, visibleTo: nil)) }

        func next(_ id: StoreID) async throws -> Date? {
            let rows = try await platform.pool.query("SELECT schedule_next_at FROM stores WHERE id = \(id.rawValue)")
            return try #require(rows.first)["schedule_next_at"]
        }

        func audit() async throws -> [String] {
            try await platform.pool.query("SELECT actor, source, detail, outcome FROM audit WHERE action = 'store.schedule' ORDER BY id")
                .map {
                    let words: [String] = [try $0["actor"], try $0["source"], try $0["detail"], try $0["outcome"]]
                    return words.joined(separator: " ")
                }
        }
    }

    @Test("a store falls asleep and wakes when its hours end and begin, once each, by a job of the background") func sleepAndWake()
        async throws
    {
        try await Platform.run { platform async throws in
            let night = Night(platform)
            let id = try await night.ready("Acme").id
            // In the middle of the night: the store stays awake until the next change says otherwise.
            try await night.schedule(id, now: night.at(1, 23))
            try await night.follower.follow(now: night.at(2, 7, 59))
            #expect(try await night.store(id).spec.isAsleep == false)
            try await night.follower.follow(now: night.at(2, 8))
            #expect(try await night.store(id).generation == 1)
            #expect(try await night.next(id) == night.at(2, 20))

            try await night.follower.follow(now: night.at(2, 20, 1))
            let asleep = try await night.store(id)
            #expect(asleep.spec.isAsleep && asleep.generation == 2 && asleep.activity == .fallingAsleep && asleep.status == .ready)
            let job = try #require(try await platform.records.newestQueuedDescriptors(limit: 1).first)
            #expect(job.kind == .apply && job.jobClass == .background)
            #expect(try await platform.queue.position(of: job.id) != nil)
            try await night.follower.follow(now: night.at(2, 20, 2))
            #expect(try await night.store(id).generation == 2)
            #expect(try await night.next(id) == night.at(3, 8))
            try await night.apply()

            try await night.follower.follow(now: night.at(3, 8, 1))
            let woken = try await night.store(id)
            #expect(!woken.spec.isAsleep && woken.generation == 3 && woken.activity == .waking)
            #expect(try await night.audit() == ["schedule worker accepted done", "schedule worker accepted done"])
        }
    }

    @Test("what was woken by hand at night stays awake until the next evening") func byHand() async throws {
        try await Platform.run { platform async throws in
            let night = Night(platform)
            let id = try await night.ready("Acme").id
            try await night.schedule(id, now: night.at(1, 12))
            try await night.follower.follow(now: night.at(1, 20))
            try await night.apply()
            try await night.change(id, StoreChange(isAsleep: false))
            try await night.apply()
            for moment in [night.at(1, 22), night.at(2, 3), night.at(2, 8), night.at(2, 19, 59)] {
                try await night.follower.follow(now: moment)
                #expect(try await night.store(id).spec.isAsleep == false, "at \(moment)")
            }
            try await night.follower.follow(now: night.at(2, 20))
            #expect(try await night.store(id).spec.isAsleep)
        }
    }

    @Test("changes that were missed are made once, as the store should be now") func missed() async throws {
        try await Platform.run { platform async throws in
            let night = Night(platform)
            let id = try await night.ready("Acme").id
            try await night.schedule(id, now: night.at(1, 12))
            try await night.follower.follow(now: night.at(4, 23))
            let asleep = try await night.store(id)
            #expect(asleep.spec.isAsleep && asleep.generation == 2)
            #expect(try await night.next(id) == night.at(5, 8))
            try await night.apply()
            try await night.follower.follow(now: night.at(9, 9))
            let woken = try await night.store(id)
            #expect(!woken.spec.isAsleep && woken.generation == 3)
            #expect(try await night.next(id) == night.at(9, 20))
        }
    }

    @Test("a store that is not ready gets only its next time, and so does one that is as it should be") func left() async throws {
        try await Platform.run { platform async throws in
            let night = Night(platform)
            let ids = [try await night.ready("Failed").id, try await night.ready("Drifted").id, try await night.ready("Asleep").id]
            for id in ids { try await night.schedule(id, now: night.at(1, 12)) }
            try await platform.pool.query("UPDATE stores SET status = 'failed' WHERE id = \(ids[0].rawValue)")
            try await platform.pool.query("UPDATE stores SET drift = 'release' WHERE id = \(ids[1].rawValue)")
            try await night.change(ids[2], StoreChange(isAsleep: true))
            try await night.apply()
            try await night.follower.follow(now: night.at(1, 20))
            for id in ids { #expect(try await night.next(id) == night.at(2, 8)) }
            let generations = try await ids.asyncMap { try await night.store($0).generation }
            #expect(generations == [1, 1, 2])
            #expect(try await night.audit().isEmpty)
            #expect(try await platform.records.newestQueuedDescriptors(limit: 1).isEmpty)
        }
    }

    @Test("a store that its owner's units do not let wake says so, and is tried again the next morning") func units() async throws {
        try await Platform.run { platform async throws in
            let night = Night(platform, units: 2)
            let stores = [try await night.ready("One", owner: "ada").id, try await night.ready("Two", owner: "ada").id]
            for id in stores { try await night.schedule(id, now: night.at(1, 12)) }
            try await night.follower.follow(now: night.at(1, 20))
            try await night.apply()
            _ = try await night.ready("Third", owner: "ada")
            try await night.follower.follow(now: night.at(2, 8))
            let asleep = try await stores.asyncMap { try await night.store($0) }.filter(\.spec.isAsleep)
            #expect(asleep.count == 2 && asleep.allSatisfy { $0.status == .ready && $0.generation == 2 })
            #expect(asleep.allSatisfy { $0.changeError?.failure.code == "unit-limit" })
            let message =
                "The schedule could not wake the store: 2 of 2 units are used. Delete a store or let one sleep, then wake this one."
            #expect(asleep.first?.changeError?.failure.message == message)
            try await night.follower.follow(now: night.at(2, 8, 1))
            #expect(try await night.audit().filter { $0.hasSuffix("unit_limit refused") }.count == 2)
            #expect(try await night.next(stores[0]) == night.at(2, 20))

            try await platform.pool.query("INSERT INTO user_quotas (user_id, units) VALUES ('ada', 3)")
            try await night.follower.follow(now: night.at(2, 20))
            try await night.follower.follow(now: night.at(3, 8))
            let woken = try await stores.asyncMap { try await night.store($0) }
            #expect(woken.allSatisfy { !$0.spec.isAsleep && $0.changeError == nil })
        }
    }

    @Test("who comes too late with what was due changes nothing") func superseded() async throws {
        try await Platform.run { platform async throws in
            let night = Night(platform)
            let id = try await night.ready("Acme").id
            try await night.schedule(id, now: night.at(1, 12))
            let due = try #require(try await platform.records.dueStores(at: night.at(1, 20), limit: 1).first)
            try await night.follower.follow(now: night.at(1, 20))
            try await night.apply()
            try await night.change(id, StoreChange(isAsleep: false))
            let schedule = try #require(due.schedule)
            guard case .superseded = try await platform.records.follow(schedule, of: due, now: night.at(1, 20), unitsPerUser: 9) else {
                Issue.record("followed twice")
                return
            }
            #expect(try await night.store(id).spec.isAsleep == false)
        }
    }

    @Test("one store that cannot be read does not stand before the others, and pages are followed to their end") func unreadable()
        async throws
    {
        try await Platform.run { platform async throws in
            let night = Night(platform)
            var ids: [StoreID] = []
            for number in 1...5 { ids.append(try await night.ready("Store \(number)").id) }
            for id in ids { try await night.schedule(id, now: night.at(1, 12)) }
            try await platform.pool.query(
                """
                UPDATE stores SET awake_schedule = 'Mo 08:00-20:00 Moon/Sea', schedule_next_at = \(night.at(1, 1))
                WHERE id = \(ids[0].rawValue)
                """
            )
            try await night.follower.follow(now: night.at(1, 20), page: 2)
            #expect(try await platform.records.dueStores(at: night.at(1, 20), limit: 9).map(\.id) == [ids[0]])
            #expect(try await platform.records.newestQueuedDescriptors(limit: 9).count == 4)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
