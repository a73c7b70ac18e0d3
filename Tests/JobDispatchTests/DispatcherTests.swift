import Foundation
import JobDispatch
import JobQueue
import Postgres
import Redis
import ServiceLifecycle
import StoreDomain
import StoreRecords
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct DispatcherTests {
    @Test("an accepted store is worked on once and ends as its handler says") func happyPath() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                let running = try #require(await handler.next())
                #expect(running.attempt.store.id == store.id)
                #expect(running.attempt.claim.attempt == 1)
                try await platform.records.complete(.namespaceCreated, under: running.attempt.claim)
                running.finish(.ready(url: "http://acme.localhost", engineVersion: "1"))
                let ready = try await platform.store(store.id) { $0?.status == .ready }
                #expect(ready?.url == "http://acme.localhost")
                while try await platform.queue.position(of: descriptor.id) != nil { await Task.yield() }
            }
        }
    }

    @Test("what Redis never heard of, or forgot, is found by the sweep and runs once") func flushed() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            let (first, _) = try await platform.accepted("First", enqueue: false)
            try await platform.withWorker(handler: handler) { _ async throws in
                let running = try #require(await handler.next())
                #expect(running.attempt.store.id == first.id)
                let (second, _) = try await platform.accepted("Second")
                let other = try #require(await handler.next())
                #expect(other.attempt.store.id == second.id)
                try await platform.redis.command(["FLUSHDB"])
                // Both still run: their renewals assert them again, and nobody else gets them.
                running.finish(.ready(url: "http://first", engineVersion: nil))
                other.finish(.ready(url: "http://second", engineVersion: nil))
                for store in [first, second] { _ = try await platform.store(store.id) { $0?.status == .ready } }
                // The page that explains the keys comes back, too.
                while try await platform.redis.command(["EXISTS", "sq:{test}:readme"]) != .integer(1) { await Task.yield() }
            }
            #expect(handler.mostAtOnce.withLock { $0 } == 1)
        }
    }

    @Test("the job of a worker that froze runs elsewhere, and the frozen one can write nothing") func frozen() async throws {
        try await Platform.run { platform async throws in
            let (store, descriptor) = try await platform.accepted("Acme", enqueue: false)
            // A worker that claims and is never heard of again.
            guard
                case .claimed(let frozen) = try await platform.records.claim(
                    descriptor,
                    worker: "frozen",
                    times: Platform.quickTimes,
                    limits: ClassLimits(interactive: 100)
                )
            else {
                Issue.record("not claimed")
                return
            }
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                let running = try #require(await handler.next())
                #expect(running.attempt.claim.takenOver)
                #expect(running.attempt.claim.fence.number > frozen.fence.number)
                await #expect(throws: LeaseLost.self) { try await platform.records.complete(.appDeployed, under: frozen) }
                running.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
    }

    @Test("an attempt whose lease PostgreSQL gave away is stopped and abandoned") func leaseTaken() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler, sweeps: false) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                let running = try #require(await handler.next())
                // As a long pause would: the lease lapses and another attempt takes the namespace.
                try await platform.pool.query(
                    "UPDATE namespace_leases SET attempt_id = 'another', expires_at = clock_timestamp() + interval '1 hour' WHERE namespace = \(store.namespace.rawValue)"
                )
                for await _ in running.attempt.lease.renewals() {}
                #expect(throws: LeaseLost.self) { try running.attempt.lease.confirm() }
                await #expect(throws: LeaseLost.self) { try await platform.records.complete(.appDeployed, under: running.attempt.claim) }
                let state: String = try #require(
                    try await platform.pool.query("SELECT state FROM jobs WHERE id = \(descriptor.id.rawValue)").first
                )["state"]
                #expect(state == "running")
            }
        }
    }

    @Test("shutdown lets an attempt end within the grace period") func drain() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            let (store, _) = try await platform.accepted("Acme")
            try await platform.withWorker(handler: handler) { group async throws in
                let running = try #require(await handler.next())
                await group.triggerGracefulShutdown()
                running.finish(.ready(url: "http://acme", engineVersion: nil))
            }
            #expect(try await platform.records.store(store.id, visibleTo: nil)?.status == .ready)
        }
    }

    @Test("what does not end in the grace period is handed back without costing an attempt") func release() async throws {
        try await Platform.run { platform async throws in
            let first = ScriptedHandler()
            let (store, _) = try await platform.accepted("Acme")
            try await platform.withWorker(handler: first, grace: .zero) { _ async throws in _ = await first.next() }
            #expect(try await platform.records.store(store.id, visibleTo: nil)?.status == .provisioning)
            let second = ScriptedHandler()
            try await platform.withWorker("w2", handler: second) { _ async throws in
                let running = try #require(await second.next())
                #expect(running.attempt.claim.attempt == 1)
                #expect(!running.attempt.claim.takenOver)
                running.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
    }

    @Test("deleting a store that is provisioning stops the provision first, then deletes") func cancel() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            let accepted = JobEnqueuer(queue: platform.queue, logger: platform.logger)
            try await platform.withWorker(handler: handler) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                _ = try #require(await handler.next())
                guard
                    case .accepted(_, let deletion, let cancelling) = try await platform.records.delete(
                        store.id,
                        visibleTo: nil,
                        traceparent: nil
                    )
                else {
                    Issue.record("not deleted")
                    return
                }
                #expect(cancelling == [descriptor.id])
                await accepted.enqueue(deletion, cancelling: cancelling)
                let running = try #require(await handler.next())
                #expect(running.attempt.kind == .delete)
                running.finish(.gone)
                _ = try await platform.store(store.id) { $0 == nil }
                let state: String = try #require(
                    try await platform.pool.query("SELECT state FROM jobs WHERE id = \(descriptor.id.rawValue)").first
                )["state"]
                #expect(state == "cancelled")
            }
            #expect(handler.mostAtOnce.withLock { $0 } == 1)
        }
    }

    @Test("two workers never have one namespace at once, whatever Redis forgets") func twoWorkers() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker("w1", handler: handler) { _ async throws in
                try await platform.withWorker("w2", handler: handler) { _ async throws in
                    var stores: [StoreID] = []
                    for number in 0..<12 { stores.append(try await platform.accepted("Store \(number)").0.id) }
                    for number in 0..<12 {
                        let running = try #require(await handler.next())
                        if number % 3 == 0 { try await platform.redis.command(["FLUSHDB"]) }
                        running.finish(.ready(url: "http://x", engineVersion: nil))
                    }
                    for id in stores { _ = try await platform.store(id) { $0?.status == .ready } }
                }
            }
            #expect(handler.mostAtOnce.withLock { $0 } == 1)
        }
    }
}
