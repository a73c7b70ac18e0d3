import CLibpq
import ThreadedIO

/// One connection: an actor on a thread of its own, so that a statement runs to its end without suspending and nothing gets between.
///
/// After a cancellation, a deadline or a broken socket the connection is closed and every later call throws `.closed`:
/// a cancel request may reach the server late and would hit the next statement.
package actor PostgresConnection: PostgresExecutor, PooledConnection {
    private let executor: ThreadExecutor
    private nonisolated let interrupt: Interrupt
    private var handle: PostgresHandle?
    private var statements = StatementCache()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private init(name: String) throws(PostgresError) {
        do {
            interrupt = try Interrupt()
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
            do throws(PostgresError) {
                return try connection.run(text, parameters, until: limit)
            } catch  where ["26000", "0A000"].contains(error.sqlState ?? "") && connection.handle?.isIdle == true {
                // The statement is unknown there, or its plan no longer fits the tables.
                connection.statements.forget(text)
                return try connection.run(text, parameters, until: limit)
            }
        }
    }

    /// Several statements in one round trip, in one implicit transaction: the first error is thrown and nothing is kept.
    package func pipeline(_ statements: [SQL], deadline: Duration = .seconds(10)) async throws(PostgresError) -> [[PostgresRow]] {
        let rendered = statements.map { $0.rendered() }
        return try await perform(deadline: deadline) { connection, limit throws(PostgresError) in
            try connection.runPipeline(rendered, until: limit)
        }
    }

    /// Statements without parameters, separated by semicolons; no rows. For migrations and session settings.
    package func execute(_ text: String, deadline: Duration = .seconds(10)) async throws(PostgresError) {
        try await perform(deadline: deadline) { connection, limit throws(PostgresError) in
            let handle = try connection.live()
            guard unsafe PQsendQuery(handle.raw, text) == 1 else { throw connection.broken(handle) }
            _ = try connection.rowsOfLast(handle, until: limit)
        }
    }

    /// The next notification, or `nil` when `deadline` passed without one.
    package func nextNotification(deadline: Duration) async throws(PostgresError) -> PostgresNotification? {
        try await perform(deadline: .seconds(86_400)) { connection, _ throws(PostgresError) in
            let limit = ContinuousClock.now + deadline
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

    package func prepareForReuse() async -> Bool {
        guard let handle else { return false }
        if handle.isInTransaction {
            do { try await execute("ROLLBACK", deadline: .seconds(5)) } catch { return false }
        }
        return self.handle?.isIdle ?? false
    }

    package func close() async { handle = nil }

    // MARK: On the connection's thread, without suspending

    /// Runs `body` with a cancellation handler that wakes whatever waits in it.
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
            return Result { () throws(PostgresError) in try body(self, limit) }
        } onCancel: {
            interrupt.raise()
        }
        return try result.get()
    }

    private func connect(_ configuration: PostgresConfiguration, until limit: ContinuousClock.Instant) throws(PostgresError) {
        let keywords = configuration.keywords
        guard let raw = unsafe CStrings.withArrays(keywords, { unsafe PQconnectStartParams($0, $1, 1) }) else {
            throw PostgresError(code: .connection, message: "libpq has no memory for a connection")
        }
        let handle = unsafe PostgresHandle(raw)
        var waitsFor = Interrupt.Readiness.writable
        while true {
            guard unsafe PQstatus(handle.raw) != CONNECTION_BAD else {
                throw PostgresError(code: .connection, message: handle.complaint)
            }
            switch interrupt.wait(for: waitsFor, on: handle.socket, until: limit) {
            case .interrupted: throw PostgresError(code: .cancelled, message: "cancelled while connecting")
            case .deadline: throw PostgresError(code: .timedOut, message: "no connection to \(configuration) in time")
            case .ready: break
            }
            let state = unsafe PQconnectPoll(handle.raw)
            if state == PGRES_POLLING_OK { break }
            if state == PGRES_POLLING_FAILED { throw PostgresError(code: .connection, message: handle.complaint) }
            waitsFor = state == PGRES_POLLING_READING ? .readable : .writable
        }
        _ = unsafe PQsetnonblocking(handle.raw, 1)
        // Notices (such as "already exists, skipping") are nobody's business.
        unsafe PQsetNoticeReceiver(handle.raw, { _, _ in }, nil)
        self.handle = handle
    }

    private func run(_ text: String, _ parameters: [String?], until limit: ContinuousClock.Instant) throws(PostgresError) -> [PostgresRow] {
        let handle = try live()
        let name = try prepared(text, on: handle, until: limit)
        let sent = unsafe CStrings.withArray(parameters) {
            unsafe PQsendQueryPrepared(handle.raw, name, Int32(parameters.count), $0, nil, nil, 0)
        }
        guard sent == 1 else { throw broken(handle) }
        return try rowsOfLast(handle, until: limit)
    }

    private func prepared(_ text: String, on handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) -> String {
        if let known = statements.name(of: text) { return known }
        let name = statements.newName()
        guard unsafe PQsendPrepare(handle.raw, name, text, 0, nil) == 1 else { throw broken(handle) }
        _ = try rowsOfLast(handle, until: limit)
        if let evicted = statements.insert(text, name: name) {
            guard unsafe PQsendQuery(handle.raw, "DEALLOCATE \(evicted)") == 1 else { throw broken(handle) }
            _ = try rowsOfLast(handle, until: limit)
        }
        return name
    }

    private func runPipeline(
        _ rendered: [(text: String, parameters: [String?])],
        until limit: ContinuousClock.Instant
    ) throws(PostgresError) -> [[PostgresRow]] {
        let handle = try live()
        var names: [String] = []
        for (text, _) in rendered { names.append(try prepared(text, on: handle, until: limit)) }
        guard unsafe PQenterPipelineMode(handle.raw) == 1 else { throw broken(handle) }
        for (name, (_, parameters)) in zip(names, rendered) {
            let sent = unsafe CStrings.withArray(parameters) {
                unsafe PQsendQueryPrepared(handle.raw, name, Int32(parameters.count), $0, nil, nil, 0)
            }
            guard sent == 1 else { throw broken(handle) }
        }
        guard unsafe PQpipelineSync(handle.raw) == 1 else { throw broken(handle) }
        var results: [[PostgresRow]] = []
        var failure: PostgresError?
        while true {
            // A nil ends one statement's results; the sync's own result ends the pipeline.
            guard let result = try nextResult(handle, until: limit) else { continue }
            if result.isPipelineSync { break }
            if let error = result.error { failure = failure ?? error } else { results.append(result.rows()) }
        }
        guard unsafe PQexitPipelineMode(handle.raw) == 1 else { throw broken(handle) }
        if let failure { throw ended(failure) }
        return results
    }

    /// Reads results until there are no more; the rows of the last, or the first error.
    private func rowsOfLast(_ handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) -> [PostgresRow] {
        var rows: [PostgresRow] = []
        var failure: PostgresError?
        while let result = try nextResult(handle, until: limit) {
            if let error = result.error { failure = failure ?? error } else { rows = result.rows() }
        }
        if let failure { throw ended(failure) }
        return rows
    }

    private func nextResult(_ handle: PostgresHandle, until limit: ContinuousClock.Instant) throws(PostgresError) -> PostgresResult? {
        while true {
            let flushed = unsafe PQflush(handle.raw)
            if flushed < 0 { throw broken(handle) }
            if flushed == 0, unsafe PQisBusy(handle.raw) == 0 { break }
            switch interrupt.wait(for: flushed == 0 ? .readable : .either, on: handle.socket, until: limit) {
            case .interrupted: throw abandon(handle, PostgresError(code: .cancelled, message: "cancelled while it ran"))
            case .deadline: throw abandon(handle, PostgresError(code: .timedOut, message: "no answer in time"))
            case .ready: guard unsafe PQconsumeInput(handle.raw) == 1 else { throw broken(handle) }
            }
        }
        guard let raw = unsafe PQgetResult(handle.raw) else { return nil }
        return unsafe PostgresResult(raw)
    }

    private func live() throws(PostgresError) -> PostgresHandle {
        guard let handle else { throw PostgresError(code: .closed, message: "the connection is closed") }
        return handle
    }

    private func ended(_ error: PostgresError) -> PostgresError {
        if error.endsConnection { handle = nil }
        return error
    }

    private func broken(_ handle: PostgresHandle) -> PostgresError {
        defer { self.handle = nil }
        let complaint = handle.complaint
        return PostgresError(code: .connection, message: complaint.isEmpty ? "the connection broke" : complaint)
    }

    private func abandon(_ handle: PostgresHandle, _ error: PostgresError) -> PostgresError {
        handle.cancel()
        self.handle = nil
        return error
    }
}
