import Foundation
import Redis

/// Rings when there may be work. It carries no work: call `take` after a wait in any case.
package final class QueueNotifier: Sendable {
    private let line: DedicatedConnection
    private let list: String

    init(redis: RedisClient, list: String) {
        line = redis.line()
        self.list = list
    }

    /// Returns when the wakeup wakes or `timeout` passed, which is 50 ms at least.
    package func wait(timeout: Duration) async throws {
        let seconds = max(0.05, Double(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18)
        try await line.command(["BLPOP", list, String(format: "%.3f", seconds)], deadline: timeout + .seconds(2))
    }

    package func close() async { await line.close() }
}
