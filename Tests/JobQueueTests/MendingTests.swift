import Foundation
import JobQueue
import Redis
import StoreDomain
import TestSupport
import Testing

@Suite struct MendingTests {
    @Test("a whole queue is not complained of, whatever its jobs do") func whole() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([
                try ticket(1, namespace: "store-a"), try ticket(2, namespace: "store-a"), try ticket(3, notBefore: .distantFuture),
                try ticket(4), try ticket(5),
            ])
            let first = try #require(try await queue.taken())
            let dead = try #require(try await queue.taken())
            try await queue.finish(dead, buried: "no")
            let contents = try await queue.contents()
            #expect(contents.jobs.map(\.rawValue).sorted() == [1, 2, 3, 4, 5])
            #expect(contents.locks == [first.ticket.namespace.rawValue])
            for job in contents.jobs {
                #expect(try await queue.mend(job, state: job == first.ticket.id ? .running : .queued, mending: true) == nil)
            }
            #expect(try await queue.mendLock(first.ticket.namespace.rawValue, mending: true) == nil)
        }
    }

    @Test(
        "what a hand at the prompt broke is found, mended, and then not found again",
        arguments: [
            ["DEL", "sq:{test}:job:1"], ["ZREM", "sq:{test}:ready", "1"], ["HSET", "sq:{test}:job:1", "state", "delayed"],
            ["HSET", "sq:{test}:job:1", "state", "parked"],
        ]
    ) func broken(command: [String]) async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try ticket(1)])
            let id = try #require(JobID(1))
            try await redis.command(command)
            #expect(try await queue.mend(id, state: .queued, mending: false) != nil)
            #expect(try await queue.mend(id, state: .queued, mending: true) != nil)
            #expect(try await queue.mend(id, state: .queued, mending: true) == nil)
        }
    }

    @Test("a job that is over in PostgreSQL is forgotten, with its lock") func over() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try ticket(1)])
            let job = try #require(try await queue.taken())
            #expect(try await queue.mend(job.ticket.id, state: .succeeded, mending: true) == "it is succeeded in PostgreSQL")
            #expect(try await queue.contents().jobs.isEmpty)
        }
    }

    @Test("a lock whose holder does not run is freed, and who waited for it goes on") func lock() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try ticket(2, namespace: "store-a")])
            try await redis.command(["SET", "sq:{test}:lock:store-a", "77"])
            #expect(try await queue.taken() == nil)
            #expect(try await queue.mendLock("store-a", mending: false) == "job 77 holds it without running there")
            #expect(try await queue.taken() == nil)
            #expect(try await queue.mendLock("store-a", mending: true) != nil)
            #expect(try await queue.takenNumbers(1) == [2])
        }
    }

    @Test("an ACL user with the operator's rules may look and mend") func leastPrivilege() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let administrator = RedisClient(configuration: configuration)
            try await administrator.command(
                ["ACL", "SETUSER", "mender", "reset", "on", ">secret"] + QueueAccess.rules(name: "test", mending: true)
            )
            let address = configuration.description.replacing("redis+unix://", with: "redis+unix://mender:secret@localhost")
            let redis = RedisClient(configuration: try RedisConfiguration(url: address, clientName: "mender"))
            let queue = JobQueue(redis: redis, name: "test")
            try await queue.enqueue([try ticket(1)])
            #expect(try await queue.contents().jobs.count == 1)
            #expect(try await queue.mend(try #require(JobID(1)), state: .queued, mending: true) == nil)
            #expect(try await queue.mendLock("store-n1", mending: true) == nil)
            #expect(try await queue.hasten(try #require(JobID(1))) == false)
            await #expect(throws: RedisError.self) { try await redis.command(["FLUSHALL"]) }
            await redis.close()
            try await administrator.command(["ACL", "DELUSER", "mender"])
            await administrator.close()
        }
    }
}
