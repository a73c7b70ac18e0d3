import Foundation
import JobQueue
import Redis
import StoreDomain
import TestSupport
import Testing

/// Which server the other tests of the queue really ran on, and as whom it may be spoken to.
@Suite struct ServerTests {
    @Test("the server is the one that was asked for") func flavour() async throws {
        try await withQueue { (_, redis) async throws in
            let facts = ServerFacts(info: try #require(try await redis.command(["INFO", "server"]).string))
            print("The queue's tests run on \(facts.version), mode \(facts.mode).")
            #expect(facts.version.hasPrefix(PrivateServer.RedisFlavour.expected ?? "redis 7") || PrivateServer.RedisFlavour.expected == nil)
            #expect(facts.mode == (PrivateServer.RedisFlavour.isCluster ? "cluster" : "standalone"))
        }
    }

    @Test("an ACL user with the queue's keys and no more does everything that workers and the API do") func leastPrivilege() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let administrator = RedisClient(configuration: configuration)
            let user = "queue-\(UUID().uuidString)"
            try await administrator.command(["ACL", "SETUSER", user, "reset", "on", ">secret"] + QueueAccess.rules(name: "test"))
            let address = configuration.description.replacing("redis+unix://", with: "redis+unix://\(user):secret@localhost")
            let redis = RedisClient(configuration: try RedisConfiguration(url: address, clientName: "least"))
            let queue = JobQueue(redis: redis, name: "test")
            try await queue.enqueue([try descriptor(1), try descriptor(2)])
            let first = try #require(try await queue.taken())
            _ = try await queue.renew(first, lease: .seconds(9))
            try await queue.release(first, after: .zero, reason: "test")
            let again = try #require(try await queue.taken())
            try await queue.finish(again, deadLettered: "no")
            _ = try await queue.depth()
            _ = try await queue.position(of: again.descriptor.id)
            try await queue.pause(reason: "test")
            try await queue.resume()
            let wakeup = queue.wakeup()
            try await wakeup.wait(timeout: .milliseconds(50))
            await wakeup.close()
            try await queue.writeReadme()
            try await queue.ping()
            await #expect(throws: RedisError.self) { try await redis.command(["SET", "somebody-elses", "1"]) }
            await #expect(throws: RedisError.self) { try await redis.command(["FLUSHALL"]) }
            await redis.close()
            try await administrator.command(["ACL", "DELUSER", user])
            await administrator.close()
        }
    }
}

/// What a server says of itself.
private struct ServerFacts {
    /// E.g. `redis 7.0.15` or `valkey 8.1.8`.
    var version = ""
    /// `standalone` or `cluster`.
    var mode = ""

    init(info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            switch parts.first {
            // Valkey says it after the version of Redis that it is compatible with.
            case "redis_version", "valkey_version": version = parts[0].replacing("_version", with: " ") + parts[1]
            case "redis_mode", "server_mode": mode = parts[1]
            default: break
            }
        }
    }
}
