import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// What operators do to a rollout, and what happens beside it.
@Suite struct RolloutOperationTests {
    @Test("paused nothing begins and what runs is read; cancelled what waits is skipped and what runs is read") func pauses() async throws {
        try await RolloutFleet.with(4) { fleet in
            let id = try await fleet.create(fleet.order(batch: 2))
            let jobs = try await fleet.turn(id)
            try await fleet.operate(id, .pause)
            try await fleet.settle(jobs[0])
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.numbers(id) == [.done: 1, .running: 1, .waiting: 2])
            let figures = try await fleet.records.figures().filter { $0.name.hasPrefix("rollout") }
            let told = figures.map { "\($0.name) \($0.labels["engine"] ?? "") \($0.labels["state"] ?? "") \(Int($0.value))" }.sorted()
            #expect(
                told == [
                    "rollout_stores woocommerce done 1", "rollout_stores woocommerce running 1", "rollout_stores woocommerce waiting 2",
                    "rollouts woocommerce paused 1",
                ]
            )
            guard case .unfit(let rollout) = try await fleet.records.operate(id, .pause, by: tester), rollout.state == .paused else {
                Issue.record("paused twice")
                return
            }
            try await fleet.operate(id, .resume)
            #expect(try await fleet.turn(id).count == 1)
            try await fleet.operate(id, .cancel)
            #expect(try await fleet.numbers(id) == [.done: 1, .running: 2, .skipped: 1])
            #expect(try await fleet.members(id, .skipped).map(\.reason) == ["The rollout was cancelled"])
            try await fleet.settle(jobs[1], as: RolloutFleet.kept)
            #expect(try await fleet.records.rolloutsToAdvance() == [id])
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.numbers(id) == [.done: 1, .running: 1, .kept: 1, .skipped: 1])
            for action in RolloutAction.allCases {
                guard case .unfit = try await fleet.records.operate(id, action, by: tester) else {
                    Issue.record("a cancelled rollout: \(action)")
                    return
                }
            }
            guard case .notFound = try await fleet.records.operate(.random(), .pause, by: tester) else {
                Issue.record("a rollout that is not there was paused")
                return
            }
        }
    }

    @Test("what failed or was kept is tried again where it is: a store that serves by a change, one that failed by its retry")
    func retries() async throws {
        try await RolloutFleet.with(3) { fleet in
            let id = try await fleet.create(fleet.order(failures: 5))
            let jobs = try await fleet.turn(id)
            try await fleet.settle(jobs[0], as: RolloutFleet.kept)
            try await fleet.settle(jobs[1], as: RolloutFleet.failed)
            guard case .cancelled = try await fleet.records.cancel(jobs[2].id, reason: "Not now.") else { return }
            try await fleet.turn(id)
            #expect(try await fleet.state(id) == .done)
            #expect(try await fleet.numbers(id) == [.kept: 1, .failed: 2])
            #expect(Set(try await fleet.members(id, .failed).map(\.reason)) == ["The app does not start.", "Not now."])
            try await fleet.operate(id, .retry)
            #expect(try await fleet.state(id) == .running)
            let again = try await fleet.turn(id)
            #expect(again.map(\.kind) == [.apply, .retry, .apply] && again.allSatisfy { $0.jobClass == .background })
            let classes = try await fleet.pool.query("SELECT DISTINCT class FROM jobs WHERE state = 'queued'").map {
                try $0["class"] as Int
            }
            #expect(classes == [2])
            for job in again { try await fleet.settle(job) }
            try await fleet.turn(id)
            #expect(try await fleet.state(id) == .done)
            #expect(try await fleet.numbers(id) == [.done: 3])
            guard case .nothingFailed = try await fleet.records.operate(id, .retry, by: tester) else {
                Issue.record("nothing failed, and it was retried")
                return
            }
        }
    }

    @Test("a retry brings no store back to an older version than it has by now") func retryOfOld() async throws {
        try await RolloutFleet.with(1) { fleet in
            let id = try await fleet.create(fleet.order(failures: 5))
            try await fleet.settle(try #require(try await fleet.turn(id).first), as: RolloutFleet.kept)
            try await fleet.turn(id)
            try await fleet.pool.query("UPDATE stores SET version = '1.3.0'")
            try await fleet.operate(id, .retry)
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.members(id, .skipped).map(\.reason) == ["It has version 1.3.0 already"])
        }
    }

    @Test("a rollout that is done is not retried beside another of its engine, and a failed deletion is no upgrade to retry")
    func retryRefused() async throws {
        try await RolloutFleet.with(2) { fleet in
            let id = try await fleet.create(fleet.order(failures: 5))
            let jobs = try await fleet.turn(id)
            for job in jobs { try await fleet.settle(job, as: RolloutFleet.failed) }
            try await fleet.turn(id)
            let other = try await fleet.create(fleet.order("1.3.0"))
            guard case .unfinished = try await fleet.records.operate(id, .retry, by: tester) else {
                Issue.record("two rollouts of an engine run at once")
                return
            }
            try await fleet.operate(other, .cancel)
            guard case .accepted(_, let deletion, _) = try await fleet.records.delete(jobs[0].store, visibleTo: nil, traceparent: nil)
            else { return }
            try await fleet.settle(deletion, as: .failed(message: "The namespace stays.", permanent: true))
            try await fleet.operate(id, .retry)
            #expect(try await fleet.turn(id).map(\.store) == [jobs[1].store])
            #expect(try await fleet.members(id, .skipped).map(\.reason) == ["A deletion of the store has failed"])
        }
    }

    @Test("two conductors at once, and one that is killed between two steps, begin each store once") func twoConductors() async throws {
        try await RolloutFleet.with(20) { fleet in
            let id = try await fleet.create(fleet.order(batch: 7))
            func conductors() async throws -> [JobDescriptor] {
                try await withThrowingTaskGroup(of: [JobDescriptor].self) { group in
                    for _ in 0..<4 { group.addTask { try await fleet.turn(id) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
            }
            var begun: [JobDescriptor] = []
            while try await fleet.state(id) != .done {
                let jobs = try await conductors()
                #expect(try await fleet.members(id, .running).count <= 7)
                begun += jobs
                for job in jobs { try await fleet.settle(job) }
            }
            #expect(begun.count == 20 && Set(begun.map(\.store)).count == 20 && Set(begun.map(\.id)).count == 20)
            #expect(try await fleet.numbers(id) == [.done: 20])
            let generations = try await fleet.pool.query("SELECT DISTINCT generation FROM stores").map { try $0["generation"] as Int }
            #expect(generations == [2], "no store was changed twice")
        }
    }

    @Test("a change that somebody makes of a member's store meanwhile is made with it, and counts as what it comes to") func beside()
        async throws
    {
        try await RolloutFleet.with(3) { fleet in
            let id = try await fleet.create(fleet.order(failures: 5))
            let jobs = try await fleet.turn(id)
            func change(_ store: StoreID, _ change: StoreChange) async throws {
                guard case .accepted = try await fleet.records.change(ChangeRequest(store, change), limits: roomy, by: tester) else {
                    throw TestSupportError(message: "the change was not accepted")
                }
            }
            // With a new plan; with another version; deleted.
            try await change(jobs[0].store, StoreChange(plan: .medium))
            try await change(jobs[1].store, StoreChange(version: ChartVersion("1.3.0")))
            _ = try await fleet.records.delete(jobs[2].store, visibleTo: nil, traceparent: nil)
            try await fleet.settle(jobs[0])
            try await fleet.settle(jobs[1])
            try await fleet.turn(id)
            #expect(try await fleet.state(id) == .done)
            let members = Dictionary(uniqueKeysWithValues: try await fleet.members(id).map { ($0.store, $0) })
            #expect(members[jobs[0].store]?.state == .done && members[jobs[1].store]?.state == .done)
            #expect(members[jobs[2].store]?.state == .skipped && members[jobs[2].store]?.reason == "The store is deleted")
        }
    }

    @Test("a rollout waits while no worker has its version, and old ones go with the history") func waits() async throws {
        try await RolloutFleet.with(1) { fleet in
            let id = try await fleet.create(fleet.order())
            try await fleet.report(["1.1.0"])
            #expect(try await fleet.turn(id).isEmpty)
            #expect(try await fleet.numbers(id) == [.waiting: 1])
            try await fleet.report(["1.2.0"])
            for job in try await fleet.turn(id) { try await fleet.settle(job) }
            try await fleet.turn(id)
            #expect(try await fleet.records.prune(.rollouts, by: Retention()) == 0)
            try await fleet.pool.query("UPDATE rollouts SET ended_at = ended_at - interval '401 days'")
            #expect(try await fleet.records.prune(.rollouts, by: Retention()) == 1)
            #expect(try await fleet.records.rollout(id) == nil)
        }
    }
}
