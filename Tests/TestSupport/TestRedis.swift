import Foundation
package import Redis
import Synchronization

/// One Redis for the whole test process, with a database number for each test that asks.
package enum TestRedis {
    private static let server = Task { try await PrivateServer.start(.redis) }
    private static let lent = Atomic(0)

    /// Lends the address of an empty database; `poolSize` connections at most.
    package static func withRedis<Value: Sendable>(
        poolSize: Int = 4,
        _ body: (RedisConfiguration) async throws -> Value
    ) async throws -> Value {
        // The script's Redis has 1,024 databases.
        let number = lent.add(1, ordering: .relaxed).oldValue % 1_024
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
