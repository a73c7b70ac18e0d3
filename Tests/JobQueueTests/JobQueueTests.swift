import Foundation
import JobQueue
import Redis
import StoreDomain
import TestSupport
import Testing

@Suite struct JobQueueTests {
    @Test("a job is taken once, as it was enqueued, and enqueuing it again changes nothing") func once() async throws {
        try await withQueue { (queue, _) async throws in
            var one = try descriptor(1, user: "Ada Ü")
            one.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            #expect(try await queue.enqueue([one, one]) == 1)
            #expect(try await queue.taken()?.descriptor == one)
            #expect(try await queue.enqueue([one]) == 0)
            #expect(try await queue.taken() == nil)
        }
    }

    @Test("deletes go before provisions; users take turns; within a user the order is kept") func order() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...100).map { try descriptor($0, user: "ada") })
            try await queue.enqueue([try descriptor(200, user: "bob"), try descriptor(300, .delete, user: "ada")])
            let numbers = try await queue.takenNumbers(102)
            #expect(numbers.first == 300)
            // One job behind another user's hundred starts within two takes.
            #expect(try #require(numbers.firstIndex(of: 200)) <= 2)
            #expect(numbers.filter { $0 <= 100 } == Array(1...100))
        }
    }

    @Test("a namespace has one job at a time; who waits for it holds up nobody and comes next") func namespaceLock() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([
                try descriptor(1, namespace: "store-a"), try descriptor(2, .delete, namespace: "store-a"),
                try descriptor(3, .retry, namespace: "store-b"),
            ])
            let first = try #require(try await queue.taken())
            #expect(first.descriptor.id.rawValue == 2)
            #expect(try await queue.taken()?.descriptor.id.rawValue == 3)
            let parked = try #require(JobID(1 as Int64))
            let position = try #require(try await queue.position(of: parked))
            #expect(position.state == .parked)
            #expect(position.blockedBy == first.descriptor.id)
            #expect(try await queue.finish(first))
            #expect(try await queue.taken()?.descriptor.id.rawValue == 1)
        }
    }

    @Test("no more provisions run than may, and deletes still do") func cap() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...4).map { try descriptor($0, $0 == 2 ? .retry : .provision) })
            let first = try #require(try await queue.taken(ClassLimits(interactive: 2)))
            #expect(try await queue.taken(ClassLimits(interactive: 2)) != nil)
            #expect(try await queue.isCapped(ClassLimits(interactive: 2)))
            try await queue.enqueue([try descriptor(9, .delete)])
            #expect(try await queue.taken(ClassLimits(interactive: 2))?.descriptor.id.rawValue == 9)
            #expect(try await queue.finish(first))
            #expect(try await queue.taken(ClassLimits(interactive: 2)) != nil)
            #expect(try await queue.depth() == QueueDepth(ready: 1, running: 3, interactive: 2))
        }
    }

    @Test("a lapsed lease is taken by another, and the first one's word no longer counts") func lapse() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1)])
            let stale = try #require(try await queue.taken(lease: .zero))
            let next = try #require(try await queue.taken())
            #expect(next.descriptor == stale.descriptor)
            #expect(try await queue.renew(stale, lease: .seconds(9)) == .lost)
            #expect(try await !queue.finish(stale))
            #expect(try await !queue.release(stale, after: .zero, reason: "stale"))
            #expect(try await queue.renew(next, lease: .seconds(9)) == .held)
            #expect(try await queue.finish(next))
        }
    }

    @Test("after FLUSHALL a renewal asserts the job, its lock and its place under the cap again") func flushed() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(1, namespace: "store-a")])
            let job = try #require(try await queue.taken())
            try await redis.command(["FLUSHDB"])
            try await redis.command(["SCRIPT", "FLUSH"])
            #expect(try await queue.renew(job, lease: .seconds(60)) == .held)
            try await queue.enqueue([try descriptor(2, namespace: "store-a"), try descriptor(3)])
            #expect(try await queue.isCapped(ClassLimits(interactive: 1)))
            #expect(try await queue.taken()?.descriptor.id.rawValue == 3)
            #expect(try await queue.taken() == nil)
            #expect(try await queue.finish(job))
            #expect(try await queue.taken()?.descriptor.id.rawValue == 2)
        }
    }

    @Test("a job that is handed back waits its delay, in the namespace that it was given") func release() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1)])
            let job = try #require(try await queue.taken())
            #expect(try await queue.release(job, after: .seconds(600), reason: "namespace is terminating"))
            guard case .empty(let due) = try await queue.take(worker: "w", limits: ClassLimits(interactive: 9), lease: .seconds(9)) else {
                Issue.record("it was taken early")
                return
            }
            #expect(try #require(due) > .seconds(500))
            try await queue.enqueue([try descriptor(2)])
            let second = try #require(try await queue.taken())
            let moved = try #require(StoreNamespace("store-moved"))
            var requeued = second.descriptor
            requeued.namespace = moved
            #expect(try await queue.release(second, after: .zero, reason: "relocated", requeued: requeued))
            #expect(try await queue.taken()?.descriptor.namespace == moved)
        }
    }

    @Test("a delayed job is taken once it is due") func delayed() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([
                try descriptor(1, notBefore: Date(timeIntervalSinceNow: 600)), try descriptor(2, notBefore: Date(timeIntervalSinceNow: -1)),
            ])
            #expect(try await queue.takenNumbers(2) == [2])
        }
    }

    @Test("a waiting job is removed by a cancel, a running one is told by its renewal") func cancel() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1), try descriptor(2)])
            let job = try #require(try await queue.taken())
            #expect(try await queue.cancel(try #require(JobID(2 as Int64)), reason: "ada: deleted") == .removed)
            #expect(try await queue.cancel(job.descriptor.id, reason: "ada: deleted") == .running)
            #expect(try await queue.cancel(try #require(JobID(3 as Int64)), reason: "ada: deleted") == .unknown)
            #expect(try await queue.renew(job, lease: .seconds(9)) == .cancel)
            #expect(try await queue.taken() == nil)
        }
    }

    @Test("while it is paused nothing is taken, and the reason is told") func pause() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1)])
            try await queue.pause(reason: "ada: moving the database")
            #expect(
                try await queue.take(worker: "w", limits: ClassLimits(interactive: 9), lease: .seconds(9))
                    == .paused(reason: "ada: moving the database")
            )
            try await queue.resume()
            #expect(try await queue.taken() != nil)
        }
    }

    @Test("an enqueue wakes the wakeup of a worker that waits", .timeLimit(.minutes(20))) func wakeup() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let redis = RedisClient(configuration: configuration)
            let queue = JobQueue(redis: redis, name: "test")
            let wakeup = queue.wakeup()
            let waiting = Task { try await wakeup.wait(timeout: .seconds(50)) }
            try await queue.enqueue([try descriptor(1)])
            try await waiting.value
            await wakeup.close()
            await redis.close()
        }
    }

    @Test("every key has the queue's tag and every value is text") func readable() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.writeReadme()
            try await queue.enqueue([
                try descriptor(1, user: "ada"), try descriptor(2, namespace: "store-n1"),
                try descriptor(3, notBefore: Date(timeIntervalSinceNow: 99)),
            ])
            _ = try await queue.taken()
            _ = try await queue.taken()
            let keys = try await redis.command(["KEYS", "*"]).array ?? []
            #expect(keys.count >= 9)
            #expect(keys.allSatisfy { $0.string?.hasPrefix("sq:{test}:") == true })
            let hash = try await redis.command(["HGETALL", "sq:{test}:job:1"]).array ?? []
            #expect(hash.allSatisfy { $0.string?.allSatisfy { $0.isASCII && !$0.isNewline } == true })
        }
    }
}
