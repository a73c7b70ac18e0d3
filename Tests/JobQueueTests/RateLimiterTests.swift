import Logging
import Redis
import Synchronization
import Testing
import ThreadedIO

@testable import JobQueue

@Suite(.timeLimit(.minutes(20))) struct RateLimiterTests {
    private let logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

    /// On a busy machine Redis may answer late, and a process may be halted until what it took is lost to it: that is not what these tests are about.
    private func patient(_ queue: JobQueue) -> RateLimiter {
        let start = ContinuousClock.now
        return RateLimiter(queue: queue, logger: logger, deadline: .seconds(30), now: { start })
    }

    /// How many of `count` in a row may pass.
    private func passed(_ count: Int, _ rateLimit: RateLimit, _ limiter: RateLimiter) async -> Int {
        var passed = 0
        for _ in 0..<count where await limiter.spend(rateLimit) == nil { passed += 1 }
        return passed
    }

    @Test("a rate limit is borne to its last request, and says how long to wait") func whole() async throws {
        try await withQueue { queue, _ in
            let limiter = patient(queue)
            let ada = RateLimit(name: "user:ada", requests: 200, period: .seconds(86_400))
            #expect(await passed(300, ada, limiter) == 200)
            let wait = try #require(await limiter.spend(ada))
            #expect(wait > .zero && wait <= .seconds(432))
            #expect(await limiter.spend(RateLimit(name: "user:bob", requests: 200)) == nil)
        }
    }

    @Test("requests that come at once are counted once each") func together() async throws {
        try await withQueue { queue, _ in
            let ada = RateLimit(name: "user:ada", requests: 1_000, period: .seconds(86_400))
            let first = patient(queue)
            let refused = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<64 { group.addTask { await first.spend(ada) != nil } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(refused == 0)
            // What the first process took for later is a fiftieth at most.
            let left = await passed(1_100, ada, patient(queue))
            #expect((1_000 - 64 - 20...1_000 - 64).contains(left))
        }
    }

    @Test("two processes share a rate limit; who asks both in turn loses nothing of it") func shared() async throws {
        try await withQueue { queue, _ in
            let ada = RateLimit(name: "user:ada", requests: 200, period: .seconds(86_400))
            let processes = [patient(queue), patient(queue)]
            var passed = 0
            for _ in 0..<150 { for process in processes where await process.spend(ada) == nil { passed += 1 } }
            #expect(passed == 200)
        }
    }

    @Test("without Redis a process counts alone") func alone() async throws {
        try await withQueue { queue, redis in
            await redis.close()
            let limiter = RateLimiter(queue: queue, logger: logger)
            #expect(await passed(30, RateLimit(name: "user:ada", requests: 20, period: .seconds(86_400)), limiter) == 20)
        }
    }
}

@Suite struct PurseTests {
    @Test("who is asked often seldom makes a trip") func trips() async throws {
        let trips = Mutex<[Int]>([])
        let batch = TokenBatch(most: 2_000) { count in
            trips.withLock { $0.append(count) }
            await Task.yield()
            return nil
        }
        for _ in 0..<50 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 where batch.change.spend(1, at: .now) == 0 { group.addTask { _ = try await batch.filled(()) } }
                try await group.waitForAll()
            }
        }
        let taken = trips.withLock { $0 }
        #expect(taken.count < 30)
        #expect(taken.reduce(0, +) >= 2_000 && taken.reduce(0, +) <= 4_000, "hardly more are taken than are used")
    }
}

@Suite struct ChangeTests {
    private let start = ContinuousClock.now

    @Test("more is taken while it is gone within a second, and as much as is used otherwise") func follows() {
        let change = Change(most: 10)
        var taken: [Int] = []
        for _ in 0..<5 {
            taken.append(change.next(for: 1, at: start))
            change.keep(taken.last! - 1)
            #expect(change.spend(100, at: start) == taken.last! - 1)
        }
        #expect(taken == [1, 2, 4, 8, 10])
        #expect(change.next(for: 1, at: start + .seconds(2)) == 10)
        change.keep(9)
        #expect(change.spend(1, at: start + .seconds(3)) == 1 && change.spend(1, at: start + .seconds(11)) == 1)
        #expect(change.spend(1, at: start + .seconds(12)) == 0, "what was not used in time is lost")
        #expect(change.next(for: 1, at: start + .seconds(12)) == 3)
        #expect(change.next(for: 40, at: start + .seconds(12)) == 40, "who waits is served")
    }
}

@Suite struct LocalRateLimitsTests {
    @Test("a rate limit comes back evenly") func comesBack() {
        let counts = LocalRateLimits()
        let ada = RateLimit(name: "ada", requests: 2)
        let start = ContinuousClock.now
        #expect(counts.spend(ada, at: start) == nil)
        #expect(counts.spend(ada, at: start) == nil)
        #expect(counts.spend(ada, at: start) == .seconds(30))
        #expect(counts.spend(RateLimit(name: "bob", requests: 2), at: start) == nil)
        #expect(counts.spend(ada, at: start + .seconds(30)) == nil)
    }

    @Test("does not grow without bound") func isBounded() {
        let counts = LocalRateLimits(limit: 10)
        let start = ContinuousClock.now
        for number in 0..<100 { #expect(counts.spend(RateLimit(name: "\(number)", requests: 1), at: start) == nil) }
        #expect(counts.known <= 10)
    }
}
