import Foundation
package import Redis
import Synchronization

/// One Redis for the whole test process, with a database number for each test that asks; a cluster has but one, which they take in turn.
package enum TestRedis {
    private static let server = Task { try await PrivateServer.start(.redis) }
    private static let lent = Atomic(0)
    private static let turns = Turns()

    /// Lends the address of an empty database; `poolSize` connections at most.
    package static func withRedis<Value: Sendable>(
        poolSize: Int = 4,
        _ body: (RedisConfiguration) async throws -> Value
    ) async throws -> Value {
        let isCluster = PrivateServer.RedisFlavour.isCluster
        if isCluster { await turns.take() }
        defer { if isCluster { turns.returnPlace() } }
        // The script's Redis has 1,024 databases.
        let number = isCluster ? 0 : lent.add(1, ordering: .relaxed).oldValue % 1_024
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

/// Lets one in after the other, in the order in which they came.
private final class Turns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken { state.waiting.append(continuation) }
                defer { state.isTaken = true }
                return !state.isTaken
            }
            if isFree { continuation.resume() }
        }
    }

    func returnPlace() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isTaken = !state.waiting.isEmpty
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
        next?.resume()
    }
}
