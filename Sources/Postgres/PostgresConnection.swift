import CLibpq
import ThreadedIO

/// One connection: an actor on a thread of its own, so that a statement runs to its end without suspending and nothing gets between.
///
/// After a cancellation, a deadline or a broken socket the connection is closed and every later call throws `.closed`:
/// a cancel request may reach the server late and would hit the next statement.
package actor PostgresConnection: PostgresExecutor, PooledConnection {
    private let executor: ThreadExecutor
    nonisolated let interrupt: WakeupPipe
    private nonisolated let idle = IdleFlag()
    var handle: PostgresHandle?
    var statements = StatementCache()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private init(name: String) throws(PostgresError) {
        do {
            interrupt = try WakeupPipe()
        } catch {
            throw PostgresError(code: .connection, message: "\(error)")
        }
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    /// Connects within `deadline`.
    package static func open(
        _ configuration: PostgresConfiguration,
        deadline: Duration = .seconds(5)
    ) async throws(PostgresError) -> PostgresConnection {
        let connection = try PostgresConnection(name: "postgres")
        try await connection.perform(deadline: deadline) { connection, limit throws(PostgresError) in
            try connection.connect(configuration, until: limit)
        }
        return connection
    }

    package func query(_ sql: SQL, deadline: Duration) async throws(PostgresError) -> [PostgresRow] {
        let (text, parameters) = sql.rendered()
        return try await perform(deadline: deadline) { connection, limit throws(PostgresError) in
            try connection.preparingAgain(text) { () throws(PostgresError) in try connection.run(text, parameters, until: limit) }
        }
    }

    /// Statements without parameters, separated by semicolons; no rows. For migrations and session settings.
    package func execute(_ text: String, deadline: Duration = .seconds(10)) async throws(PostgresError) {
        try await perform(deadline: deadline) { connection, limit throws(PostgresError) in try connection.run(text, until: limit) }
    }

    /// Throws 25P02 where COMMIT alone would roll back and call it a success: a statement had failed.
    func commit() async throws(PostgresError) {
        try await perform(deadline: .seconds(10)) { connection, limit throws(PostgresError) in
            guard try !connection.live().isInFailedTransaction else {
                throw PostgresError(code: .server(sqlState: "25P02"), message: "a statement of the transaction failed, so nothing is kept")
            }
            try connection.run("COMMIT", until: limit)
        }
    }

    /// The next notification, or `nil` when `deadline` passed without one.
    package func nextNotification(deadline: Duration) async throws(PostgresError) -> PostgresNotification? {
        let limit = ContinuousClock.now + deadline
        return try await perform(deadline: .seconds(86_400)) { connection, _ throws(PostgresError) in
            let handle = try connection.live()
            while true {
                if let notification = handle.nextNotification() { return notification }
                switch connection.interrupt.wait(for: .readable, on: handle.socket, until: limit) {
                case .deadline: return nil
                case .interrupted:
                    connection.handle = nil
                    throw PostgresError(code: .cancelled, message: "cancelled while waiting for a notification")
                case .ready:
                    guard unsafe PQconsumeInput(handle.raw) == 1 else { throw connection.broken(handle) }
                }
            }
        }
    }

    package nonisolated var isReusable: Bool { idle.isQuiet }

    package func prepareForReuse() async -> Bool {
        if handle?.isInTransaction == true { try? await execute("ROLLBACK", deadline: .seconds(5)) }
        return isReusable
    }

    package func close() async {
        idle.set(nil)
        handle = nil
    }

    /// Runs `body` on the connection's thread, without suspending, with a cancellation handler that wakes whatever waits in it.
    private func perform<Value: Sendable>(
        deadline: Duration,
        _ body: @Sendable (isolated PostgresConnection, ContinuousClock.Instant) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let limit = ContinuousClock.now + deadline
        // A handler never runs after this function returned, so a late `raise` cannot hit the next statement.
        let result = await withTaskCancellationHandler {
            interrupt.clear()
            guard !Task.isCancelled else {
                return Result<Value, PostgresError>.failure(PostgresError(code: .cancelled, message: "cancelled before it was sent"))
            }
            guard deadline > .zero else {
                return .failure(PostgresError(code: .timedOut, message: "the time was over before it was sent"))
            }
            let result = Result { () throws(PostgresError) in try body(self, limit) }
            idle.set(handle.flatMap { $0.isIdle ? $0.socket : nil })
            return result
        } onCancel: {
            interrupt.raise()
        }
        return try result.get()
    }
}
