package import Foundation
import Redis

/// What a Redis says of itself, as far as the queue depends on it.
package struct QueueServer: Sendable {
    /// Of Redis, or of the Redis that a Valkey is compatible with: major and minor.
    package var version: (major: Int, minor: Int) = (0, 0)
    /// As it calls itself.
    package var versionText = ""
    package var isReplica = false
    /// In bytes; 0: as much as there is.
    package var memoryLimit: Int64 = 0
    package var evictionPolicy = ""
    package var appends = false
    /// Whether it writes snapshots by itself; `nil` when it does not tell us.
    package var snapshots: Bool?
    package var clock = Date(timeIntervalSince1970: 0)
}

extension JobQueue {
    /// Asks Redis for its facts.
    package func server() async throws -> QueueServer {
        let replies = try await redis.pipeline([["INFO"], ["TIME"], ["CONFIG", "GET", "save"]], deadline: .seconds(3))
        if case .error(let text) = replies[0] { throw RedisError(code: .server(prefix: ""), message: text) }
        var facts: [Substring: Substring] = [:]
        for line in (replies[0].string ?? "").split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { facts[parts[0]] = parts[1] }
        }
        var server = QueueServer()
        server.versionText = String(facts["redis_version"] ?? "unknown")
        let numbers = server.versionText.split(separator: ".").map { Int($0) ?? 0 }
        server.version = (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
        server.isReplica = facts["role"] == "slave"
        server.memoryLimit = Int64(facts["maxmemory"] ?? "0") ?? 0
        server.evictionPolicy = String(facts["maxmemory_policy"] ?? "")
        server.appends = facts["aof_enabled"] == "1"
        server.snapshots = (replies[2].array?.last?.string).map { !$0.isEmpty }
        let time = (replies[1].array ?? []).compactMap(\.integer)
        if time.count == 2 { server.clock = Date(timeIntervalSince1970: Double(time[0]) + Double(time[1]) / 1e6) }
        return server
    }
}
