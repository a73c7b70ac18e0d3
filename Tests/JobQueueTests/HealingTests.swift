import JobQueue
import Redis
import StoreDomain
import Testing

@Suite struct HealingTests {
    @Test("a renewal that arrives after the end asserts nothing") func lateRenewal() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1), try descriptor(2)])
            let done = try #require(try await queue.taken())
            #expect(try await queue.finish(done))
            #expect(try await queue.renew(done, lease: .seconds(60)) == .lost)
            let returned = try #require(try await queue.taken())
            #expect(try await queue.release(returned, after: .zero, reason: "its worker was stopped"))
            #expect(try await queue.renew(returned, lease: .seconds(60)) == .lost)
            #expect(try await queue.depth() == QueueDepth(ready: 1))
        }
    }

    @Test("a job that runs but stands in line again is taken out of line by its renewal") func adopted() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(1)])
            let job = try #require(try await queue.taken())
            // Flushed between the taking and PostgreSQL's claim: the sweep, which saw it as queued, put it back.
            try await redis.command(["FLUSHDB"])
            try await queue.enqueue([job.descriptor])
            #expect(try await queue.renew(job, lease: .seconds(60)) == .held)
            #expect(try await queue.taken() == nil)
            #expect(try await queue.depth() == QueueDepth(running: 1, interactive: 1))
            #expect(try await queue.finish(job))
            #expect(try await queue.position(of: job.descriptor.id) == nil)
        }
    }

    @Test("a holder whose lease lapsed here and was tried elsewhere in vain has its place back with the next renewal")
    func refusedElsewhere() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1)])
            let holder = try #require(try await queue.taken(lease: .zero))
            let other = try #require(try await queue.taken())
            #expect(try await queue.renew(holder, lease: .seconds(60)) == .lost)
            #expect(try await queue.release(other, after: .seconds(600), reason: "another attempt holds the namespace"))
            #expect(try await queue.renew(holder, lease: .seconds(60)) == .held)
            #expect(try await queue.depth() == QueueDepth(running: 1, interactive: 1))
        }
    }

    @Test(
        "a job that a hand at the prompt broke keeps no other from running, and can be enqueued anew",
        arguments: [
            ["HSET", "sq:{test}:job:2", "kind", "install"], ["HSET", "sq:{test}:job:2", "store", "ACME"],
            ["HDEL", "sq:{test}:job:2", "ns"],
            ["HSET", "sq:{test}:job:2", "ns", "default"], ["HDEL", "sq:{test}:job:2", "score", "user"],
        ]
    ) func brokenJob(command: [String]) async throws {
        try await withQueue { (queue, redis) async throws in
            let descriptors = [try descriptor(1), try descriptor(2), try descriptor(3)]
            try await queue.enqueue(descriptors)
            try await redis.command(command)
            guard
                case .taken(let jobs) = try await queue.take(
                    worker: "w",
                    limits: ClassLimits(interactive: 9),
                    lease: .seconds(60),
                    atMost: 9
                )
            else {
                Issue.record("nothing was taken")
                return
            }
            #expect(jobs.map(\.descriptor) == [descriptors[0], descriptors[2]])
            let depth = try await queue.depth()
            #expect((depth.ready, depth.running, depth.interactive) == (0, 2, 2))
            #expect(try await queue.unknown(of: descriptors).map(\.id) == [descriptors[1].id])
            try await queue.enqueue([descriptors[1]])
            #expect(try await queue.taken()?.descriptor == descriptors[1])
        }
    }

    @Test("a renewal does not take a namespace from the job that has it") func keepsLock() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(1, namespace: "store-a")])
            let old = try #require(try await queue.taken())
            try await redis.command(["FLUSHDB"])
            try await queue.enqueue([try descriptor(2, .delete, namespace: "store-a")])
            let new = try #require(try await queue.taken())
            #expect(try await queue.renew(old, lease: .seconds(60)) == .lost)
            #expect(try await queue.renew(new, lease: .seconds(60)) == .held)
        }
    }

    @Test("a job that is final is forgotten although it stands in line again") func finishedInLine() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(1)])
            let job = try #require(try await queue.taken())
            try await redis.command(["FLUSHDB"])
            try await queue.enqueue([job.descriptor])
            #expect(try await queue.finish(job))
            #expect(try await queue.depth() == QueueDepth())
        }
    }

    @Test("only those that the queue does not know are named as unknown") func unknown() async throws {
        try await withQueue { (queue, _) async throws in
            let descriptors = try (1...6).map { try descriptor($0) }
            try await queue.enqueue([descriptors[0], descriptors[3]])
            _ = try await queue.taken()
            #expect(try await queue.unknown(of: descriptors).map(\.id.rawValue) == [2, 3, 5, 6])
        }
    }

    @Test("who finds nothing to do is told when the first lease lapses") func nextDue() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1), try descriptor(2)])
            _ = try await queue.taken(lease: .seconds(600))
            guard case .capped(let capped?) = try await queue.take(worker: "w", limits: ClassLimits(interactive: 1), lease: .seconds(1_000))
            else {
                Issue.record("not capped")
                return
            }
            #expect(capped > .seconds(500) && capped <= .seconds(600))
            _ = try await queue.taken(lease: .seconds(1_200))
            guard case .empty(let empty?) = try await queue.take(worker: "w", limits: ClassLimits(interactive: 9), lease: .seconds(1_000))
            else {
                Issue.record("not empty")
                return
            }
            #expect(empty > .seconds(500) && empty <= .seconds(600))
        }
    }
}
