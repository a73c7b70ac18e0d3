import Foundation
package import Redis
import Synchronization

/// One Redis for the whole test process, with a database number for each test that asks; a cluster's one they take in turn.
package enum TestRedis {
    private static let server = Task { try await PrivateServer.start(.redis) }
    private static let lent = Atomic(0)
    /// A cluster has but one database.
    private static let cluster = Places(1)

    /// Lends the address of an empty database; `poolSize` connections at most.
    package static func withRedis<Value: Sendable>(
        poolSize: Int = 4,
        _ body: (RedisConfiguration) async throws -> Value
    ) async throws -> Value {
        if PrivateServer.RedisFlavour.isCluster { return try await cluster.with { try await lend(0, poolSize, body) } }
        // The script's Redis has 1,024 databases.
        return try await lend(lent.add(1, ordering: .relaxed).oldValue % 1_024, poolSize, body)
    }

    private static func lend<Value: Sendable>(
        _ number: Int,
        _ poolSize: Int,
        _ body: (RedisConfiguration) async throws -> Value
    ) async throws -> Value {
        let folder = try await server.value.folder
        let configuration = try RedisConfiguration(
            url: "redis+unix://\(folder)/redis.sock?db=\(number)",
            clientName: "tests",
            poolSize: poolSize
        )
        let connection = try await RedisConnection.open(configuration)
        try await connection.command(["FLUSHDB"])
        await connection.close()
        return try await body(configuration)
    }
}
