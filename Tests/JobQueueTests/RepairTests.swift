import Foundation
import JobQueue
import Redis
import StoreDomain
import TestSupport
import Testing

@Suite struct RepairTests {
    @Test("a whole queue is not problemText of, whatever its jobs do") func whole() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([
                try descriptor(1, namespace: "store-a"), try descriptor(2, namespace: "store-a"),
                try descriptor(3, notBefore: .distantFuture),
                try descriptor(4), try descriptor(5),
            ])
            let first = try #require(try await queue.taken())
            let dead = try #require(try await queue.taken())
            try await queue.finish(dead, deadLettered: "no")
            let contents = try await queue.contents()
            #expect(contents.jobs.map(\.rawValue).sorted() == [1, 2, 3, 4, 5])
            #expect(contents.locks == [first.descriptor.namespace.rawValue])
            for job in contents.jobs {
                #expect(try await queue.repair(job, state: job == first.descriptor.id ? .running : .queued, repairing: true) == nil)
            }
            #expect(try await queue.repairLock(first.descriptor.namespace.rawValue, repairing: true) == nil)
        }
    }

    @Test(
        "what a hand at the prompt broke is found, repaired, and then not found again",
        arguments: [
            ["DEL", "sq:{test}:job:1"], ["ZREM", "sq:{test}:ready", "1"], ["HSET", "sq:{test}:job:1", "state", "delayed"],
            ["HSET", "sq:{test}:job:1", "state", "parked"],
        ]
    ) func broken(command: [String]) async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(1)])
            let id = try #require(JobID(1))
            try await redis.command(command)
            #expect(try await queue.repair(id, state: .queued, repairing: false) != nil)
            #expect(try await queue.repair(id, state: .queued, repairing: true) != nil)
            #expect(try await queue.repair(id, state: .queued, repairing: true) == nil)
        }
    }

    @Test("a job that is over in PostgreSQL is forgotten, with its lock") func over() async throws {
        try await withQueue { (queue, _) async throws in
            try await queue.enqueue([try descriptor(1)])
            let job = try #require(try await queue.taken())
            #expect(try await queue.repair(job.descriptor.id, state: .succeeded, repairing: true) == "it is succeeded in PostgreSQL")
            #expect(try await queue.contents().jobs.isEmpty)
        }
    }

    @Test("a lock whose holder does not run is freed, and who waited for it goes on") func lock() async throws {
        try await withQueue { (queue, redis) async throws in
            try await queue.enqueue([try descriptor(2, namespace: "store-a")])
            try await redis.command(["SET", "sq:{test}:lock:store-a", "77"])
            #expect(try await queue.taken() == nil)
            #expect(try await queue.repairLock("store-a", repairing: false) == "job 77 holds it without running there")
            #expect(try await queue.taken() == nil)
            #expect(try await queue.repairLock("store-a", repairing: true) != nil)
            #expect(try await queue.takenNumbers(1) == [2])
        }
    }

    @Test("an ACL user with the operator's rules may look and repair") func leastPrivilege() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let administrator = RedisClient(configuration: configuration)
            try await administrator.command(
                ["ACL", "SETUSER", "mender", "reset", "on", ">secret"] + QueueAccess.rules(name: "test", repairing: true)
            )
            let address = configuration.description.replacing("redis+unix://", with: "redis+unix://mender:secret@localhost")
            let redis = RedisClient(configuration: try RedisConfiguration(url: address, clientName: "mender"))
            let queue = JobQueue(redis: redis, name: "test")
            try await queue.enqueue([try descriptor(1)])
            #expect(try await queue.contents().jobs.count == 1)
            #expect(try await queue.repair(try #require(JobID(1)), state: .queued, repairing: true) == nil)
            #expect(try await queue.repairLock("store-n1", repairing: true) == nil)
            #expect(try await queue.runNow(try #require(JobID(1))) == false)
            await #expect(throws: RedisError.self) { try await redis.command(["FLUSHALL"]) }
            await redis.close()
            try await administrator.command(["ACL", "DELUSER", "mender"])
            await administrator.close()
        }
    }
}
