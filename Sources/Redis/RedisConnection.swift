import ThreadedIO

/// One connection: an actor on a thread of its own.
///
/// After a cancellation, a deadline or an error of the socket it is closed and every later call throws `.closed`:
/// a reply that was never read would answer the next command.
package actor RedisConnection: PooledConnection {
    private let executor: ThreadExecutor
    private nonisolated let interrupt: Interrupt
    private var handle: RedisHandle?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private init() throws(RedisError) {
        do {
            interrupt = try Interrupt()
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
        handle = try RedisHandle.connect(to: configuration.address, timeout: deadline)
        for reply in try await pipeline(configuration.greeting, deadline: deadline) {
            if case .error(let text) = reply {
                handle = nil
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
        let limit = ContinuousClock.now + deadline
        // A handler never runs after this function returned, so a late `raise` cannot hit the next command.
        let result = await withTaskCancellationHandler {
            interrupt.clear()
            return Result { () throws(RedisError) in try exchange(commands, until: limit) }
        } onCancel: {
            interrupt.raise()
        }
        return try result.get()
    }

    package func prepareForReuse() async -> Bool { handle != nil }

    package func close() async { handle = nil }

    private func exchange(_ commands: [[String]], until limit: ContinuousClock.Instant) throws(RedisError) -> [RedisValue] {
        guard let handle else { throw RedisError(code: .closed, message: "the connection is closed") }
        guard !Task.isCancelled else { throw RedisError(code: .cancelled, message: "cancelled before it was sent") }
        do throws(RedisError) {
            for command in commands where !handle.append(command) { throw RedisError(code: .connection, message: handle.complaint) }
            guard handle.flush() else { throw RedisError(code: .connection, message: handle.complaint) }
            var replies: [RedisValue] = []
            while replies.count < commands.count {
                if let reply = try handle.bufferedReply() {
                    replies.append(reply)
                    continue
                }
                switch interrupt.wait(for: .readable, on: handle.socket, until: limit) {
                case .interrupted: throw RedisError(code: .cancelled, message: "cancelled while it ran")
                case .deadline: throw RedisError(code: .timedOut, message: "no answer in time")
                case .ready: guard handle.fill() else { throw RedisError(code: .connection, message: handle.complaint) }
                }
            }
            if replies.contains(where: { if case .error(let text) = $0 { RedisError(reply: text).endsConnection } else { false } }) {
                self.handle = nil
            }
            return replies
        } catch {
            self.handle = nil
            throw error
        }
    }
}
