import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// How a rollout goes on, and what its stores come to.
@Suite struct RolloutTests {
    @Test("as many run at once as the batch says, a wave begins when the one before is whole, and then it is done") func whole()
        async throws
    {
        try await RolloutFleet.with(7) { fleet in
            let id = try await fleet.create(fleet.order(waves: "3,100%", batch: 2))
            var jobs = try await fleet.turn(id)
            #expect(jobs.count == 2 && jobs.allSatisfy { $0.kind == .apply && $0.jobClass == .background })
            #expect(try await fleet.state(id) == .running)
            #expect(try await fleet.turn(id).isEmpty, "two run already")
            try await fleet.settle(jobs[0])
            jobs += try await fleet.turn(id)
            #expect(jobs.count == 3, "the first wave's last store")
            try await fleet.settle(jobs[1])
            #expect(try await fleet.turn(id).isEmpty, "the first wave is not whole")
            try await fleet.settle(jobs[2])
            for _ in 0..<2 { for job in try await fleet.turn(id) { try await fleet.settle(job) } }
            #expect(try await fleet.state(id) == .running)
            try await fleet.turn(id)
            let rollout = try await fleet.rollout(id)
            #expect(rollout.state == .done && rollout.numbers == [.done: 7] && rollout.endedAt != nil)
            for store in fleet.stores {
                let now = try #require(try await fleet.records.store(store, visibleTo: nil))
                #expect(now.spec.version?.rawValue == "1.2.0" && now.appliedGeneration == now.generation)
            }
            #expect(try await fleet.records.rolloutsToAdvance().isEmpty)
            let audit = try await fleet.records.auditEntries(AuditQuery(action: "store.upgrade"))
            #expect(audit.count == 7 && audit.allSatisfy { $0.actor == "rollout \(id)" && $0.outcome == .done })
        }
    }

    @Test("more than may go wrong halts it: what runs goes on, nothing begins; resumed it goes on until as many go wrong again")
    func halts() async throws {
        try await RolloutFleet.with(8) { fleet in
            let id = try await fleet.create(fleet.order(failures: 1, batch: 3))
            var jobs = try await fleet.turn(id)
            try await fleet.settle(jobs[0], as: RolloutFleet.kept)
            jobs += try await fleet.turn(id)
            #expect(try await fleet.state(id) == .running, "one may go wrong")
            try await fleet.settle(jobs[1], as: RolloutFleet.failed)
            #expect(try await fleet.turn(id).isEmpty)
            var rollout = try await fleet.rollout(id)
            #expect(rollout.state == .halted && rollout.numbers == [.kept: 1, .failed: 1, .running: 2, .waiting: 4])
            #expect(rollout.haltedReason?.contains("2 stores failed or were kept, and 1 may") == true)
            #expect(rollout.haltedReason?.hasSuffix("The app does not start.") == true)
            let told = try await fleet.pool.query("SELECT subject FROM notices WHERE kind = 'rollout.halted' AND owner IS NULL")
            #expect(try told.map { try $0["subject"] as String } == ["rollout:\(id)"])
            try await fleet.settle(jobs[2])
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.numbers(id) == [.kept: 1, .failed: 1, .done: 1, .running: 1, .waiting: 4])

            try await fleet.operate(id, .resume)
            jobs += try await fleet.turn(id)
            #expect(try await fleet.state(id) == .running)
            try await fleet.settle(jobs[3], as: RolloutFleet.failed)
            jobs += try await fleet.turn(id)
            #expect(try await fleet.state(id) == .running, "one more may")
            try await fleet.settle(jobs[4], as: RolloutFleet.failed)
            try await fleet.turn(id)
            rollout = try await fleet.rollout(id)
            #expect(rollout.state == .halted && rollout.haltedReason?.contains("4 stores failed or were kept, and 3 may") == true)
            let kept = try #require(try await fleet.members(id, .kept).first)
            #expect(kept.reason == "The cart answered 500." && kept.job != nil && kept.endedAt != nil)
        }
    }

    @Test("an upgraded store is watched: it is done when the soak is over, and degraded within it, even for a while, it has failed")
    func soak() async throws {
        try await RolloutFleet.with(4) { fleet in
            let id = try await fleet.create(fleet.order(waves: "2,100%", soak: 600, failures: 1))
            let stores = try await fleet.members(id).map(\.store)
            // What the watcher said before is no news of the new version.
            try await fleet.degrade(stores[0], "Before")
            try await fleet.recover(stores[0])
            for job in try await fleet.turn(id) { try await fleet.settle(job) }
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.numbers(id) == [.soaking: 2, .waiting: 2], "the soak is not over")
            try await fleet.degrade(stores[1])
            try await fleet.recover(stores[1])
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.numbers(id) == [.soaking: 1, .failed: 1, .waiting: 2])
            #expect(try await fleet.members(id, .failed).first?.reason == "The storefront answers 500. (within the soak)")
            try await fleet.pass(seconds: 601)
            let jobs = try await fleet.turn(id)
            #expect(jobs.count == 2, "the next wave")
            for job in jobs { try await fleet.settle(job) }
            try await fleet.turn(id)
            try await fleet.pass(seconds: 601)
            try await fleet.degrade(stores[2], nil)
            try await fleet.turn(id)
            #expect(try await fleet.numbers(id) == [.done: 2, .failed: 2], "one is degraded as its soak ends")
            #expect(try await fleet.state(id) == .halted)
            try await fleet.operate(id, .resume)
            try await fleet.turn(id)
            #expect(try await fleet.state(id) == .done)
        }
    }

    @Test("a store that cannot be upgraded is skipped with its reason, and an urgent rollout does not mind pins") func skips() async throws
    {
        try await RolloutFleet.with(6) { fleet in
            let id = try await fleet.create(fleet.order())
            let stores = fleet.stores.map(\.rawValue)
            let until = Date(timeIntervalSince1970: 4_102_444_800)
            let pinned = try await fleet.records.pin(fleet.stores[0], until: until, visibleTo: access("ada"), by: tester)
            #expect(pinned?.spec.isPinned == true && pinned?.pinnedUntil == until)
            try await fleet.pool.query("UPDATE stores SET version = '1.3.0' WHERE id = \(stores[1])")
            try await fleet.pool.query("UPDATE stores SET status = 'failed', error_message = 'The disk is full.' WHERE id = \(stores[2])")
            try await fleet.pool.query("UPDATE stores SET status = 'deleting' WHERE id = \(stores[3])")
            try await fleet.pool.query("UPDATE stores SET drift = 'namespace' WHERE id = \(stores[4])")
            #expect(try await fleet.turn(id).map(\.store) == [fleet.stores[5]])
            let reasons = Dictionary(uniqueKeysWithValues: try await fleet.members(id, .skipped).map { ($0.store, $0.reason ?? "") })
            #expect(reasons[fleet.stores[0]] == "The store is pinned to its version until 2100-01-01 00:00 UTC")
            #expect(reasons[fleet.stores[1]] == "It has version 1.3.0 already")
            #expect(reasons[fleet.stores[2]] == "The store has failed: The disk is full.")
            #expect(reasons[fleet.stores[3]] == "The store is deleted")
            #expect(reasons[fleet.stores[4]]?.hasPrefix("The store cannot be changed now") == true)
            try await fleet.operate(id, .cancel)
            var urgent = fleet.order("1.3.0")
            (urgent.isUrgent, urgent.canaries) = (true, [fleet.stores[0]])
            #expect(try await fleet.turn(try await fleet.create(urgent)).first?.store == fleet.stores[0])
        }
    }

    @Test("a sleeping store gets the version and sleeps on, or is skipped") func sleeping() async throws {
        try await RolloutFleet.with(1) { fleet in
            let store = fleet.stores[0]
            try await fleet.pool.query("UPDATE stores SET asleep = true WHERE id = \(store.rawValue)")
            var order = fleet.order()
            order.sleeping = .skip
            let first = try await fleet.create(order)
            #expect(try await fleet.turn(first).isEmpty)
            try await fleet.turn(first)
            #expect(try await fleet.state(first) == .done)
            #expect(try await fleet.members(first).map(\.reason) == ["The store sleeps"])
            let second = try await fleet.create(fleet.order())
            for job in try await fleet.turn(second) { try await fleet.settle(job) }
            try await fleet.turn(second)
            let now = try #require(try await fleet.records.store(store, visibleTo: nil))
            #expect(try await fleet.state(second) == .done)
            #expect(now.spec.isAsleep && now.spec.version?.rawValue == "1.2.0")
        }
    }

    @Test("outside its hours nothing begins and what runs is read; who does not respect them, and what is urgent, begins") func windows()
        async throws
    {
        try await RolloutFleet.with(6) { fleet in
            let later = Date(timeIntervalSince1970: 1_900_000_000)
            let id = try await fleet.create(fleet.order(batch: 1))
            #expect(try await fleet.turn(id, opensAt: later).isEmpty)
            #expect(try await fleet.state(id) == .planned)
            #expect(try await fleet.rollout(id).opensAt == later)
            let jobs = try await fleet.turn(id)
            #expect(jobs.count == 1)
            #expect(try await fleet.rollout(id).opensAt == nil)
            try await fleet.settle(jobs[0])
            #expect(try await fleet.turn(id, opensAt: later).isEmpty)
            #expect(try await fleet.numbers(id) == [.done: 1, .waiting: 5])
            try await fleet.operate(id, .cancel)
            for isUrgent in [false, true] {
                var order = fleet.order(batch: 1)
                (order.respectsWindows, order.isUrgent) = (isUrgent, isUrgent)
                let other = try await fleet.create(order)
                for job in try await fleet.turn(other, opensAt: later) { try await fleet.settle(job) }
                #expect(try await fleet.members(other, .running).count == 1)
                try await fleet.turn(other, opensAt: later)
                try await fleet.operate(other, .cancel)
            }
        }
    }

    @Test("a pin ends by itself, or when somebody ends it; nobody pins another's store") func pins() async throws {
        try await RolloutFleet.with(2) { fleet in
            let (lapsed, taken) = (fleet.stores[0], fleet.stores[1])
            for store in fleet.stores {
                _ = try await fleet.records.pin(store, until: Date(timeIntervalSinceNow: 3_600), visibleTo: nil, by: tester)
            }
            #expect(try await fleet.records.endPins() == 0)
            try await fleet.pool.query("UPDATE stores SET pinned_until = clock_timestamp() WHERE id = \(lapsed.rawValue)")
            #expect(try await fleet.records.endPins() == 1)
            #expect(try await fleet.records.pin(taken, until: nil, visibleTo: access("eve"), by: tester) == nil)
            func isPinned(_ store: StoreID) async throws -> Bool {
                try #require(try await fleet.records.store(store, visibleTo: nil)).spec.isPinned
            }
            #expect(try await !isPinned(lapsed))
            #expect(try await isPinned(taken))
            let ended = try await fleet.records.pin(taken, until: nil, visibleTo: access("ada"), by: tester)
            #expect(ended?.spec.isPinned == false && ended?.pinnedUntil == nil && ended?.generation == 1)
            let audit = try await fleet.records.auditEntries(AuditQuery(action: "store.unpin")).map(\.outcome)
            #expect(audit == [.done, .refused])
        }
    }
}
