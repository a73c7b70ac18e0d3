import JobQueue
import Redis
import StoreDomain
import Testing

/// Several jobs in one trip.
@Suite struct TogetherTests {
    @Test("several jobs are taken at once, in order, each with a taking of its own") func several() async throws {
        try await withQueue { (queue, _) async throws in
            // The second stands behind the first's namespace.
            try await queue.enqueue(
                [
                    try descriptor(1), try descriptor(2, namespace: "store-n1"), try descriptor(3), try descriptor(4, .delete),
                    try descriptor(5),
                ]
            )
            let jobs = try await queue.taken(atMost: 3)
            #expect(jobs.map(\.descriptor.id.rawValue) == [4, 1, 3])
            #expect(Set(jobs.map(\.token)).count == 3)
            for job in jobs { #expect(try await queue.renew(job, lease: .seconds(60)) == .held) }
            #expect(try await queue.depth() == QueueDepth(ready: 1, running: 3, interactive: 2))
            #expect(try await queue.position(of: try descriptor(2).id)?.state == .parked)
        }
    }

    @Test("no more provisions are taken at once than may run; deletes are") func capped() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1), try descriptor(2), try descriptor(3), try descriptor(4, .delete)])
            #expect(try await queue.taken(atMost: 10, limit: 2).map(\.descriptor.id.rawValue) == [4, 1, 2])
            #expect(try await queue.isCapped(ClassLimits(interactive: 2)))
            #expect(try await queue.taken(atMost: 10, limit: 3).map(\.descriptor.id.rawValue) == [3])
        }
    }

    @Test("what is told to have ended makes room for what is taken in the same trip") func fused() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1), try descriptor(2, namespace: "store-n1"), try descriptor(3)])
            let first = try await queue.taken(atMost: 10, limit: 2)
            #expect(first.map(\.descriptor.id.rawValue) == [1, 3])
            let ending = [FinishedJob(job: first[0]), FinishedJob(job: first[1], deadLettered: "no volume")]
            let next = try await queue.taken(atMost: 10, limit: 1, ending: ending)
            #expect(next.map(\.descriptor.id.rawValue) == [2])
            #expect(try await queue.renew(first[0], lease: .seconds(60)) == .lost)
            #expect(try await queue.position(of: first[0].descriptor.id) == nil)
            #expect(try await queue.position(of: first[1].descriptor.id)?.state == .dead)
        }
    }

    @Test("more jobs than one call handles are all made known, and none twice") func many() async throws {
        try await withQueue { (queue, _) async throws in
            let descriptors = try (1...250).map { try descriptor(Int64($0)) }
            #expect(try await queue.enqueue(descriptors) == 250)
            #expect(try await queue.enqueue(descriptors) == 0)
            #expect(try await queue.depth().ready == 250)
            #expect(try await queue.taken(atMost: 1_000).count == JobQueue.batch)
        }
    }

    @Test("a look that finds nothing silences what rang for work that is gone") func silence() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(1), try descriptor(2)])
            #expect(try await redis.command(["LLEN", "sq:{test}:wake"]) == .integer(2))
            _ = try await queue.taken(atMost: 2)
            #expect(try await queue.taken() == nil)
            #expect(try await redis.command(["LLEN", "sq:{test}:wake"]) == .integer(0))
            try await queue.enqueue([try descriptor(3)])
            #expect(try await redis.command(["LLEN", "sq:{test}:wake"]) == .integer(1))
        }
    }
}

extension JobQueue {
    fileprivate func taken(atMost: Int, limit: Int = 1_000, ending: [FinishedJob] = []) async throws -> [LeasedJob] {
        let outcome = try await take(
            worker: "w",
            limits: ClassLimits(interactive: limit),
            lease: .seconds(60),
            atMost: atMost,
            ending: ending
        )
        if case .taken(let jobs) = outcome { return jobs }
        return []
    }
}
