import Foundation
import JobQueue
import Redis
import StoreDomain
import Testing

@Suite struct ClassTests {
    private let limits = ClassLimits(interactive: 2, background: 1)

    @Test("each class has a limit of its own, and one at its limit keeps no other from being taken; deletes have none") func caps()
        async throws
    {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...4).map { try descriptor($0, .apply, .background) })
            try await queue.enqueue(try (5...8).map { try descriptor($0) })
            #expect(try await queue.takenNumbers(9, limits) == [5, 6, 1])
            #expect(try await queue.isCapped(limits))
            try await queue.enqueue(try (10...14).map { try descriptor($0, .delete) })
            #expect(try await queue.takenNumbers(9, limits) == [10, 11, 12, 13, 14])
            #expect(try await queue.depth() == QueueDepth(ready: 5, running: 8, interactive: 2, background: 1))
            // Room for one class is none for the other.
            #expect(try await queue.takenNumbers(9, ClassLimits(interactive: 2, background: 2)) == [2])
            #expect(try await queue.takenNumbers(9, ClassLimits(interactive: 3, background: 2)) == [7])
        }
    }

    @Test("one trip takes of each class what there is room for, first things first") func together() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...3).map { try descriptor($0, .apply, .background) })
            try await queue.enqueue(try (4...6).map { try descriptor($0) })
            try await queue.enqueue([try descriptor(7, .delete)])
            guard case .taken(let jobs) = try await queue.take(worker: "w", limits: limits, lease: .seconds(60), atMost: 9) else { return }
            #expect(jobs.map(\.descriptor.id.rawValue) == [7, 4, 5, 1])
            #expect(jobs.map(\.descriptor.jobClass) == [.delete, .interactive, .interactive, .background])
        }
    }

    @Test("what is taken of one class does not move the other's turns") func turns() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue(try (1...50).map { try descriptor($0, .apply, .background, user: "ada") })
            try await queue.enqueue(try (51...100).map { try descriptor($0, user: "ada") })
            #expect(try await queue.takenNumbers(50) == Array(51...100))
            try await queue.enqueue([try descriptor(200, .apply, .background, user: "bob"), try descriptor(201, user: "bob")])
            #expect(try await queue.takenNumbers(3).contains(200))
        }
    }

    @Test("jobs of a kind that a worker does not know wait in their order for one that does, and hold up nobody") func unknownKinds()
        async throws
    {
        try await withQueue { (queue, redis) async throws in
            let older: [JobKind] = [.provision, .retry, .delete]
            try await queue.enqueue(try (1...1_500).map { try descriptor($0, .apply) })
            try await queue.enqueue([try descriptor(2_000, user: "bob"), try descriptor(2_001, .provision, .background)])
            // A look is bounded; the next goes on.
            var numbers: [Int64] = []
            for _ in 0..<5 { numbers += try await queue.takenNumbers(1, kinds: older) }
            #expect(numbers == [2_000, 2_001])
            // They are looked at once: each is one event.
            #expect(try await queue.depth() == QueueDepth(apart: 1_500, running: 2, interactive: 1, background: 1))
            let looks = try await redis.command(["XLEN", "sq:{test}:events"])
            #expect(try await queue.takenNumbers(1, kinds: older).isEmpty)
            #expect(try await redis.command(["XLEN", "sq:{test}:events"]) == looks)
            #expect(try await queue.position(of: try #require(JobID(7)))?.state == .apart)
            try await queue.enqueue([try descriptor(1_501, .apply), try descriptor(1_502)])
            #expect(try await queue.takenNumbers(3) == [1, 2, 3])
            #expect(try await queue.cancel(try #require(JobID(4)), reason: "ada") == .removed)
            #expect(try await queue.takenNumbers(2_000).count == 1_498)
            #expect(try await queue.taken() == nil)
            #expect(try await redis.command(["KEYS", "sq:{test}:apart*"]) == .array([]))
        }
    }

    @Test("a job that waits follows its kind and class, and keeps neither its old place nor its old limit") func followsInLine()
        async throws
    {
        try await withQueue { (queue, _) async throws in
            let waiting = try descriptor(1, .provision, .background)
            try await queue.enqueue([waiting, try descriptor(2, .apply, .background)])
            _ = try await queue.taken(limits)
            #expect(try await queue.isCapped(limits))
            var urgent = try descriptor(2, .apply)
            #expect(try await queue.unknown(of: [waiting, urgent]).map(\.id) == [urgent.id])
            #expect(try await queue.enqueue([urgent]) == 0)
            #expect(try await queue.unknown(of: [waiting, urgent]).isEmpty)
            let taken = try #require(try await queue.taken(limits))
            #expect(taken.descriptor.jobClass == .interactive)
            // While it runs, too: its place under the limit is another one then.
            urgent.jobClass = .background
            try await queue.enqueue([urgent])
            #expect(try await queue.depth() == QueueDepth(running: 2, background: 2))
            #expect(try await queue.renew(taken, lease: .seconds(60)) == .held)
            #expect(try await queue.depth() == QueueDepth(running: 2, background: 2))
            #expect(try await queue.finish(taken))
            #expect(try await queue.depth() == QueueDepth(running: 1, background: 1))
        }
    }

    @Test("a job that PostgreSQL queued again comes back as what it is now, and otherwise as what it was") func followsOnRelease()
        async throws
    {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1, .provision, .background)])
            let first = try #require(try await queue.taken())
            #expect(try await queue.release(first, after: .zero, reason: "its worker was stopped"))
            let second = try #require(try await queue.taken())
            #expect(second.descriptor == first.descriptor)
            var requeued = second.descriptor
            (requeued.kind, requeued.jobClass) = (.apply, .interactive)
            #expect(try await queue.release(second, after: .zero, reason: "ready", requeued: requeued))
            #expect(try await queue.depth() == QueueDepth(ready: 1))
            #expect(try await queue.taken(ClassLimits(interactive: 1, background: 0))?.descriptor == requeued)
            #expect(try await queue.depth() == QueueDepth(running: 1, interactive: 1))
        }
    }

    @Test("jobs of a Redis of before there were classes are brought back, those that ran with their namespace") func before() async throws {
        try await withQueue { (queue, redis) async throws in
            let descriptors = [try descriptor(1), try descriptor(2), try descriptor(3, namespace: "store-n1")]
            try await queue.enqueue(descriptors)
            _ = try await queue.taken(lease: .zero)
            for number in 1...2 { try await redis.command(["HDEL", "sq:{test}:job:\(number)", "class"]) }
            // 3 stands behind the namespace of 1, whose holder is gone.
            #expect(try await queue.takenNumbers(2) == [3])
            #expect(try await queue.unknown(of: descriptors).map(\.id.rawValue) == [1, 2])
            #expect(try await queue.enqueue(descriptors) == 2)
            #expect(try await queue.taken()?.descriptor == descriptors[1])
            #expect(try await queue.depth().running == 2)
        }
    }
}
