import ThreadedIO

/// One connection: an actor on a thread of its own.
///
/// After a cancellation, a deadline or an error of the socket it is closed and every later call throws `.closed`:
/// a reply that was never read would answer the next command.
package actor RedisConnection: PooledConnection {
    private let executor: ThreadExecutor
    private nonisolated let interrupt: WakeupPipe
    private nonisolated let idle = IdleFlag()
    private var handle: RedisHandle?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private init() throws(RedisError) {
        do {
            interrupt = try WakeupPipe()
        } catch {
            throw RedisError(code: .connection, message: "\(error)")
        }
        executor = ThreadExecutor(name: "redis")
    }

    deinit { executor.stop() }

    package static func open(
        _ configuration: RedisConfiguration,
        deadline: Duration = .seconds(3)
    ) async throws(RedisError) -> RedisConnection {
        let connection = try RedisConnection()
        try await connection.connect(configuration, deadline: deadline)
        return connection
    }

    private func connect(_ configuration: RedisConfiguration, deadline: Duration) async throws(RedisError) {
        let end = ContinuousClock.now + deadline
        var tunnel: Int32?
        if let tls = configuration.tls, case .tcp(let host, let port) = configuration.address {
            tunnel = try await tls.open(host: host, port: port, deadline: deadline)
        }
        try await perform(deadline: end - .now) { [tunnel] connection, limit throws(RedisError) in
            let handle =
                if let tunnel { try RedisHandle.adopting(tunnel) } else { try RedisHandle.connecting(to: configuration.address) }
            try connection.wait(for: .writable, on: handle, until: limit)
            try handle.checkConnected()
            connection.handle = handle
        }
        for reply in try await pipeline(configuration.greeting, deadline: end - .now) {
            if case .error(let text) = reply {
                await close()
                throw RedisError(reply: text)
            }
        }
    }

    /// One command. Throws an error reply.
    @discardableResult
    package func command(_ arguments: [String], deadline: Duration = .seconds(5)) async throws(RedisError) -> RedisValue {
        let replies = try await pipeline([arguments], deadline: deadline)
        guard let reply = replies.first else { throw RedisError(code: .connection, message: "no reply") }
        if case .error(let text) = reply { throw RedisError(reply: text) }
        return reply
    }

    /// Several commands in one round trip; error replies are values.
    package func pipeline(_ commands: [[String]], deadline: Duration = .seconds(5)) async throws(RedisError) -> [RedisValue] {
        let bytes = RedisCommand.encode(commands)
        return try await perform(deadline: deadline) { connection, limit throws(RedisError) in
            try connection.exchange(bytes, replies: commands.count, until: limit)
        }
    }

    package nonisolated var isReusable: Bool { idle.isQuiet }

    package func prepareForReuse() async -> Bool { isReusable }

    package func close() async {
        idle.set(nil)
        handle = nil
    }

    // MARK: On the connection's thread, without suspending

    /// Runs `body` with a cancellation handler that wakes whatever waits in it. When it throws, the connection is closed.
    private func perform<Value: Sendable>(
        deadline: Duration,
        _ body: @Sendable (isolated RedisConnection, ContinuousClock.Instant) throws(RedisError) -> Value
    ) async throws(RedisError) -> Value {
        let limit = ContinuousClock.now + deadline
        // A handler never runs after this function returned, so a late `raise` cannot hit the next command.
        let result = await withTaskCancellationHandler {
            interrupt.clear()
            guard !Task.isCancelled else {
                return Result<Value, RedisError>.failure(RedisError(code: .cancelled, message: "cancelled before it was sent"))
            }
            guard deadline > .zero else {
                return .failure(RedisError(code: .timedOut, message: "the time was over before it was sent"))
            }
            let result = Result { () throws(RedisError) in try body(self, limit) }
            if case .failure = result { handle = nil }
            idle.set(handle?.socket)
            return result
        } onCancel: {
            interrupt.raise()
        }
        return try result.get()
    }

    private func exchange(_ bytes: [UInt8], replies count: Int, until limit: ContinuousClock.Instant) throws(RedisError) -> [RedisValue] {
        guard let handle else { throw RedisError(code: .closed, message: "the connection is closed") }
        guard handle.append(bytes) else { throw RedisError(code: .connection, message: handle.errorMessage) }
        while try !handle.flush() {
            try wait(for: .either, on: handle, until: limit)
            // Who only writes, to a peer who only writes, waits for ever.
            try handle.fill()
        }
        var replies: [RedisValue] = []
        replies.reserveCapacity(count)
        while replies.count < count {
            if let reply = try handle.bufferedReply() {
                replies.append(reply)
            } else {
                try wait(for: .readable, on: handle, until: limit)
                try handle.fill()
            }
        }
        // The server behind it is no longer the one that takes writes.
        if replies.contains(where: { if case .error(let text) = $0 { RedisError(reply: text).endsConnection } else { false } }) {
            self.handle = nil
        }
        return replies
    }

    private func wait(
        for readiness: WakeupPipe.Readiness,
        on handle: RedisHandle,
        until limit: ContinuousClock.Instant
    ) throws(RedisError) {
        switch interrupt.wait(for: readiness, on: handle.socket, until: limit) {
        case .interrupted: throw RedisError(code: .cancelled, message: "cancelled while it ran")
        case .deadline: throw RedisError(code: .timedOut, message: "no answer in time")
        case .ready: break
        }
    }
}
