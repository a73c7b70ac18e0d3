import JobDispatch
import JobQueue
import Redis
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct ClassTests {
    private let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: nil)

    @Test("background jobs leave the interactive their places, and have their own") func sideBySide() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            for name in ["One", "Two", "Three"] {
                let job = try await platform.changed(try await platform.ready(name), .background)
                try await platform.queue.enqueue([job])
            }
            let limits = ClassLimits(interactive: 1, background: 2)
            try await platform.withWorker(handler: handler, times: LeaseTimes(), slots: 8, limits: limits) { _ async throws in
                let first = [try #require(await handler.next()), try #require(await handler.next())]
                #expect(first.map(\.attempt.claim.descriptor.jobClass) == [.background, .background])
                _ = try await platform.accepted("New")
                let new = try #require(await handler.next())
                #expect(new.attempt.claim.descriptor.jobClass == .interactive)
                #expect(try await platform.queue.depth() == QueueDepth(ready: 1, running: 3, interactive: 1, background: 2))
                _ = try await platform.accepted("Newer")
                new.finish(ready)
                let newer = try #require(await handler.next())
                #expect(newer.attempt.store.name.rawValue == "Newer")
                first[0].finish(ready)
                let third = try #require(await handler.next())
                #expect(third.attempt.store.name.rawValue == "Three")
                for running in [first[1], newer, third] { running.finish(ready) }
            }
        }
    }

    @Test("a background job that somebody came to wait for while it ran is queued again as theirs, though Redis was not told")
    func requeued() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            let store = try await platform.ready("Acme")
            let job = try await platform.changed(store, .background)
            try await platform.queue.enqueue([job])
            try await platform.withWorker(handler: handler, times: LeaseTimes(), sweeps: false) { _ async throws in
                let first = try #require(await handler.next())
                #expect(try await platform.queue.depth().background == 1)
                _ = try await platform.changed(store, .interactive, asleep: true)
                first.finish(ready)
                let second = try #require(await handler.next())
                #expect(second.attempt.claim.descriptor.id == job.id)
                #expect(second.attempt.claim.descriptor.jobClass == .interactive)
                #expect(try await platform.queue.depth() == QueueDepth(running: 1, interactive: 1))
                second.finish(ready)
            }
        }
    }

    @Test("the sweep tells Redis of the class that a waiting job came to have") func swept() async throws {
        try await Platform.run { platform async throws in
            let store = try await platform.ready("Acme")
            let job = try await platform.changed(store, .background)
            try await platform.queue.enqueue([job])
            _ = try await platform.changed(store, .interactive, asleep: true)
            let sweeper = Sweeper(records: platform.records, queue: platform.queue, worker: "w", logger: platform.logger)
            try await sweeper.sweep()
            let outcome = try await platform.queue.take(worker: "w", limits: ClassLimits(interactive: 1, background: 0), lease: .seconds(9))
            guard case .taken(let jobs) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(jobs.map(\.descriptor.jobClass) == [.interactive])
        }
    }
}

extension Platform {
    /// A store that serves.
    fileprivate func ready(_ name: String) async throws -> Store {
        let (store, job) = try await accepted(name, enqueue: false)
        guard case .claimed(let claim) = try await records.claim(job, worker: "before", times: LeaseTimes(), limits: ClassLimits()) else {
            throw TestSupportError(message: "\(name) was not claimed")
        }
        _ = try await records.settle(claim, as: .ready(url: "http://acme.localhost", engineVersion: nil))
        return store
    }

    /// The job of a change of the store.
    fileprivate func changed(_ store: Store, _ jobClass: JobClass, asleep: Bool? = nil) async throws -> JobDescriptor {
        let change = asleep.map { StoreChange(isAsleep: $0) } ?? StoreChange(plan: .medium)
        let request = ChangeRequest(store.id, change, jobClass: jobClass)
        let outcome = try await records.change(request, limits: StoreLimits(total: 1_000, perUser: 1_000), by: .ops)
        guard case .accepted(_, let job) = outcome else { throw TestSupportError(message: "not changed: \(outcome)") }
        return job
    }
}
