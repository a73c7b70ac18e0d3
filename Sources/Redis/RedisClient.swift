package import ThreadedIO

/// Runs commands on a few connections to one Redis.
package final class RedisClient: Sendable {
    private let configuration: RedisConfiguration
    private let pool: Pool<RedisConnection>

    package init(configuration: RedisConfiguration) {
        self.configuration = configuration
        pool = Pool(limits: PoolLimits(size: configuration.poolSize, acquireTimeout: configuration.acquireTimeout)) { limit in
            try await RedisConnection.open(configuration, deadline: min(limit, .seconds(3)))
        }
    }

    package var gauges: Pool<RedisConnection>.Gauges { get async { await pool.gauges } }

    /// One command. Throws an error reply. `deadline` counts from the call.
    @discardableResult
    package func command(_ arguments: [String], deadline: Duration = .seconds(5)) async throws(RedisError) -> RedisValue {
        let limit = ContinuousClock.now + deadline
        return try await withConnection(waitingAtMost: deadline) { connection throws(RedisError) in
            try await connection.command(arguments, deadline: limit - .now)
        }
    }

    /// Several commands in one round trip; error replies are values.
    package func pipeline(_ commands: [[String]], deadline: Duration = .seconds(5)) async throws(RedisError) -> [RedisValue] {
        let limit = ContinuousClock.now + deadline
        return try await withConnection(waitingAtMost: deadline) { connection throws(RedisError) in
            try await connection.pipeline(commands, deadline: limit - .now)
        }
    }

    /// EVALSHA; where Redis does not know the script (any more), EVAL, which makes it known.
    @discardableResult
    package func run(
        _ script: RedisScript,
        keys: [String],
        arguments: [String],
        deadline: Duration = .seconds(5)
    ) async throws(RedisError) -> RedisValue {
        let limit = ContinuousClock.now + deadline
        return try await withConnection(waitingAtMost: deadline) { connection throws(RedisError) in
            do throws(RedisError) {
                return try await connection.command(script.evalsha(keys: keys, arguments: arguments), deadline: limit - .now)
            } catch  where error.isUnknownScript {
                return try await connection.command(script.eval(keys: keys, arguments: arguments), deadline: limit - .now)
            }
        }
    }

    /// The same script for many calls, in one round trip; a call that met NOSCRIPT is repeated.
    package func run(
        _ script: RedisScript,
        calls: [(keys: [String], arguments: [String])],
        deadline: Duration = .seconds(5)
    ) async throws(RedisError) -> [RedisValue] {
        let limit = ContinuousClock.now + deadline
        return try await withConnection(waitingAtMost: deadline) { connection throws(RedisError) in
            let commands = calls.map { script.evalsha(keys: $0.keys, arguments: $0.arguments) }
            var replies = try await connection.pipeline(commands, deadline: limit - .now)
            let unknown = replies.indices.filter {
                if case .error(let text) = replies[$0] { RedisError(reply: text).isUnknownScript } else { false }
            }
            guard !unknown.isEmpty else { return replies }
            let again = unknown.map { script.eval(keys: calls[$0].keys, arguments: calls[$0].arguments) }
            for (place, reply) in zip(unknown, try await connection.pipeline(again, deadline: limit - .now)) { replies[place] = reply }
            return replies
        }
    }

    /// For commands that block; close it when it is of no more use.
    package func line() -> DedicatedConnection { DedicatedConnection(configuration: configuration) }

    package func close() async { await pool.close() }

    private func withConnection<Value: Sendable>(
        waitingAtMost limit: Duration,
        _ body: (RedisConnection) async throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        do {
            return try await pool.withConnection(waitingAtMost: limit) { try await body($0) }
        } catch let error as RedisError {
            throw error
        } catch PoolError.timedOut {
            throw RedisError(code: .poolExhausted, message: "no connection became free in time")
        } catch PoolError.closed {
            throw RedisError(code: .closed, message: "the client is closed")
        } catch {
            throw RedisError(code: .cancelled, message: "cancelled while waiting for a connection")
        }
    }
}
