import JobDispatch
import JobQueue
import Postgres
import Redis
import StoreDomain
import StoreRecords
import Synchronization
import TestSupport
import Testing
import ThreadedIO

@Suite(.timeLimit(.minutes(20))) struct OutageTests {
    @Test("a Redis that hangs neither ends an attempt nor loses its result") func redisHangs() async throws {
        // A server of its own: what pauses it must not pause other tests.
        let server = try await PrivateServer.start(.redis)
        let address = try RedisConfiguration(url: "redis+unix://\(server.folder)/redis.sock", clientName: "tests", poolSize: 8)
        try await Platform.run(over: address) { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                let running = try #require(await handler.next())
                try await platform.redis.command(["CLIENT", "PAUSE", "600000", "WRITE"])
                // Many times what the lease would last if the renewals waited for Redis.
                var renewals = 0
                for await _ in running.attempt.lease.renewals() {
                    renewals += 1
                    if renewals == 25 { break }
                }
                #expect(throws: Never.self) { try running.attempt.lease.confirm() }
                running.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
                // What waits for an answer of the paused Redis is cut off, so that it ends at once.
                try await platform.redis.command(["CLIENT", "UNPAUSE"])
                while try await platform.queue.position(of: descriptor.id) != nil { await Task.yield() }
            }
        }
        try await server.stop()
    }

    @Test("a Redis that lets nobody wait is looked at now and then, not without pause, and work goes on afterwards")
    func redisRefusesWaiting() async throws {
        let server = try await PrivateServer.start(.redis)
        let address = try RedisConfiguration(url: "redis+unix://\(server.folder)/redis.sock", clientName: "tests", poolSize: 8)
        try await Platform.run(over: address) { platform async throws in
            func looks() async throws -> Int {
                let text = try await platform.redis.command(["INFO", "commandstats"]).string ?? ""
                let calls = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("cmdstat_evalsha") }.compactMap {
                    Int($0.split(separator: "calls=").dropFirst().first?.prefix { $0.isNumber } ?? "")
                }
                return calls.reduce(0, +)
            }
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler, sweeps: false) { _ async throws in
                // As with a full disk: looking is answered, waiting is refused.
                try await platform.redis.command(["ACL", "SETUSER", "default", "-blpop"])
                let began = ContinuousClock.now
                let before = try await looks()
                try await Task.sleep(for: .seconds(2))
                let rate = Double(try await looks() - before) / ((ContinuousClock.now - began) / .seconds(1))
                #expect(rate < 20)
                try await platform.redis.command(["ACL", "SETUSER", "default", "+blpop"])
                let (store, _) = try await platform.accepted("Acme")
                try #require(await handler.next()).finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
        try await server.stop()
    }

    @Test("an attempt stops by its own clock, although no renewal was due") func ownClock() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            var times = Platform.quickTimes
            times.renewal = .seconds(3_600)
            let (_, descriptor) = try await platform.accepted("Acme")
            try await platform.withWorker(handler: handler, times: times, sweeps: false) { _ async throws in
                let running = try #require(await handler.next())
                for await _ in running.attempt.lease.renewals() {}
                #expect(throws: LeaseLost.self) { try running.attempt.lease.confirm() }
                // Redis has it run again; PostgreSQL counts that its holder vanished, for all it knows.
                let again = try #require(await handler.next())
                #expect(again.attempt.claim.descriptor.id == descriptor.id)
                #expect(again.attempt.claim.takenOver)
                #expect(again.attempt.claim.attempt == 1)
                again.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(again.attempt.store.id) { $0?.status == .ready }
            }
            #expect(handler.mostAtOnce.withLock { $0 } == 1)
        }
    }

    @Test("a job that PostgreSQL would not answer for is handed back and runs later") func claimFails() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.pool.query("ALTER FUNCTION claim_job RENAME TO claim_job_away")
            try await platform.withWorker(handler: handler, sweeps: false) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                while try await platform.queue.position(of: descriptor.id)?.state != .delayed { await Task.yield() }
                try await platform.pool.query("ALTER FUNCTION claim_job_away RENAME TO claim_job")
                let running = try #require(await handler.next())
                #expect(running.attempt.claim.attempt == 1)
                running.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
    }

    @Test("a worker that is stopped at once gives back what it holds") func stoppedAtOnce() async throws {
        try await Platform.run { platform async throws in
            let first = ScriptedHandler()
            let (store, descriptor) = try await platform.accepted("Acme")
            let (_, worker) = platform.start(handler: first)
            _ = try #require(await first.next())
            worker.cancel()
            _ = await worker.result
            let row = try #require(
                try await platform.pool.query("SELECT state, attempt, reclaims FROM jobs WHERE id = \(descriptor.id.rawValue)").first
            )
            #expect(try row["state"] as String == "queued")
            #expect(try row["attempt"] as Int == 0)
            #expect(try row["reclaims"] as Int == 0)
            let second = ScriptedHandler()
            try await platform.withWorker("w2", handler: second, sweeps: false) { _ async throws in
                let running = try #require(await second.next())
                #expect(!running.attempt.claim.takenOver)
                running.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
    }

    @Test("accepting goes on without Redis, and the job is found when Redis is back") func redisAway() async throws {
        ignoreBrokenPipes()
        let server = try await PrivateServer.start(.redis)
        let address = try RedisConfiguration(url: "redis+unix://\(server.folder)/redis.sock", clientName: "tests", poolSize: 8)
        try await Platform.run(over: address) { platform async throws in
            let accepted = JobEnqueuer(queue: platform.queue, logger: platform.logger)
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                try await server.kill()
                let (store, descriptor) = try await platform.accepted("Acme", enqueue: false)
                await accepted.enqueue(descriptor)
                try await server.start()
                let running = try #require(await handler.next())
                #expect(running.attempt.store.id == store.id)
                running.finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
        try await server.stop()
    }
}
