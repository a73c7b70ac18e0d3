import JobDispatch
import JobQueue
import Postgres
import Redis
import StoreDomain
import StoreRecords
import Testing

@Suite(.timeLimit(.minutes(20))) struct OperatorTests {
    private func operations(_ platform: Platform) -> OperatorActions {
        OperatorActions(records: platform.records, queue: platform.queue, jobs: JobEnqueuer(queue: platform.queue, logger: platform.logger))
    }

    @Test("a drained worker takes nothing, another does, and once undrained it takes again") func drain() async throws {
        try await Platform.run { platform async throws in
            let drained = ScriptedHandler()
            let other = ScriptedHandler()
            let report = WorkerReport(worker: "w1", version: "v4", slots: 4, busy: 0, kubernetes: true, helm: true)
            try await platform.records.report(report, charts: [])
            #expect(try await operations(platform).drain("nobody", by: .ops, reason: "typo") == false)
            #expect(try await operations(platform).drain("w1", by: .ops, reason: "new kernel"))
            #expect(try await platform.records.workers().map(\.isDraining) == [true])
            try await platform.withWorker("w1", handler: drained) { _ async throws in
                // It asks before it takes anything.
                let (store, _) = try await platform.accepted("Acme")
                try await platform.withWorker("w2", handler: other) { _ async throws in
                    try #require(await other.next()).finish(.ready(url: "http://acme", engineVersion: nil))
                    _ = try await platform.store(store.id) { $0?.status == .ready }
                }
                #expect(try await operations(platform).undrain("w1", by: .ops))
                let (second, _) = try await platform.accepted("Beta")
                try #require(await drained.next()).finish(.ready(url: "http://beta", engineVersion: nil))
                _ = try await platform.store(second.id) { $0?.status == .ready }
            }
        }
    }

    @Test("a job in its backoff runs at once when it is mayRunNow") func runNow() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                try #require(await handler.next()).finish(.again(after: .seconds(3_600), reason: "not yet"))
                while try await platform.queue.position(of: descriptor.id)?.state != .delayed { await Task.yield() }
                guard case .mayRunNow = try await operations(platform).runNow(descriptor.id, by: .ops) else {
                    Issue.record("not mayRunNow")
                    return
                }
                try #require(await handler.next()).finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
                #expect(try await operations(platform).runNow(descriptor.id, by: .ops) == .notWaiting)
            }
        }
    }

    @Test("every deed is in the audit with the operator's name, and the audit cannot be changed") func audit() async throws {
        try await Platform.run { platform async throws in
            let (_, descriptor) = try await platform.accepted("Acme")
            try await operations(platform).pause(by: .ops, reason: "upgrade")
            _ = try await operations(platform).resume(by: .ops)
            _ = try await operations(platform).cancel(descriptor.id, by: .ops, reason: "wrong plan")
            _ = try await operations(platform).purgeJobs(olderThan: .seconds(3_600), by: .ops)
            let entries = try await platform.records.auditEntries(AuditQuery(actor: Operator.ops.name))
            #expect(entries.map(\.action) == ["job.purge", "job.cancel", "queue.resume", "queue.pause"])
            #expect(try await platform.records.auditEntries(AuditQuery(target: descriptor.id.description)).map(\.detail) == ["wrong plan"])
            for change in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"] as [SQL] {
                await #expect(throws: PostgresError.self) { try await platform.pool.query(change) }
            }
            // With that of who made the store.
            #expect(try await platform.records.auditEntries().count == 5)
        }
    }

    @Test("what the records say against themselves is found and repaired") func inconsistencies() async throws {
        try await Platform.run { platform async throws in
            let (store, descriptor) = try await platform.accepted("Acme")
            #expect(try await platform.records.inconsistencies().isEmpty)
            _ = try await platform.pool.query("UPDATE store_usage SET used = 7 WHERE scope = 'total'")
            _ = try await platform.pool.query(
                """
                INSERT INTO attempts (fence, store_id, job_id, kind, number) VALUES (99, \(store.id.rawValue), \(descriptor.id.rawValue), 'provision', 1)
                """
            )
            _ = try await platform.pool.query(
                "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = \(descriptor.id.rawValue)"
            )
            let found = try await platform.records.inconsistencies()
            #expect(found.map(\.kind) == [.attempt, .stuck, .usage])
            #expect(found.map(\.subject) == ["99", store.id.rawValue, "total"])
            try await platform.records.repairConsistency()
            #expect(try await platform.records.inconsistencies().isEmpty)
            #expect(try await platform.records.store(store.id, visibleTo: nil)?.status == .failed)
            #expect(try await platform.records.usage(of: nil, role: .user, limits: StoreLimits(total: 50, perUser: 9)).total == 1)
        }
    }

    @Test("an orphan namespace is held against attempts, one that a store has is not given") func strayNamespace() async throws {
        try await Platform.run { platform async throws in
            let fence = try #require(try await platform.records.hold(orphan: "store-acme", by: "ops", for: .seconds(60)))
            let (store, descriptor) = try await platform.accepted("Acme", enqueue: false)
            #expect(store.namespace.rawValue == "store-acme")
            guard
                case .held = try await platform.records.claim(
                    descriptor,
                    worker: "w",
                    times: LeaseTimes(),
                    limits: ClassLimits(interactive: 9)
                )
            else {
                Issue.record("an attempt got a namespace that is being removed")
                return
            }
            try await platform.records.release("store-acme", fence)
            #expect(try await platform.records.hold(orphan: "store-acme", by: "ops", for: .seconds(60)) == nil)
            guard
                case .claimed = try await platform.records.claim(
                    descriptor,
                    worker: "w",
                    times: LeaseTimes(),
                    limits: ClassLimits(interactive: 9)
                )
            else {
                Issue.record("the namespace was not given back")
                return
            }
        }
    }

    @Test("a store that only the cluster has is adopted once, and never reinstalled from nothing") func adopt() async throws {
        try await Platform.run { platform async throws in
            let id = StoreID.random()
            let namespace = try #require(StoreNamespace("store-lost"))
            let name = try StoreName("Lost")
            let operations = operations(platform)
            guard
                case .adopted(let descriptor) = try await operations.adopt(
                    id,
                    name: name,
                    engine: .medusa,
                    owner: UserID("ada"),
                    namespace: namespace,
                    by: .ops
                )
            else {
                Issue.record("not adopted")
                return
            }
            let again = try await operations.adopt(id, name: name, engine: .medusa, owner: nil, namespace: namespace, by: .ops)
            #expect(again == .known)
            let other = try await operations.adopt(.random(), name: name, engine: .medusa, owner: nil, namespace: namespace, by: .ops)
            #expect(other == .taken)
            guard
                case .claimed(let claim) = try await platform.records.claim(
                    descriptor,
                    worker: "w",
                    times: LeaseTimes(),
                    limits: ClassLimits(interactive: 9)
                )
            else {
                Issue.record("not claimed")
                return
            }
            #expect(claim.everReady && claim.descriptor.kind == .retry)
            #expect(try await platform.records.usage(of: UserID("ada"), role: .user, limits: StoreLimits(total: 50, perUser: 9)).user == 1)
        }
    }
}
