import Synchronization
package import ThreadedIO

/// Lends connections to one database.
package final class PostgresPool: PostgresExecutor {
    private let pool: Pool<PostgresConnection>
    package let configuration: PostgresConfiguration
    /// Made with the first read.
    private let reader = Mutex<PostgresReader?>(nil)
    /// Of the reads that are put together for each call, by their texts.
    private let statements = Mutex<[String: ReadStatement]>([:])

    /// The longest that anybody waits for a statement, whatever deadline it has.
    private let patience: Duration?
    private let silence: SilenceWatch?
    private let shortage = Mutex<(error: PostgresError, at: ContinuousClock.Instant)?>(nil)

    /// `patience`: how long anybody waits for a statement at most; while PostgreSQL has answered none in that time, statements fail at once. `nil`: each
    /// waits for as long as its own deadline says.
    package init(configuration: PostgresConfiguration, patience: Duration? = nil) {
        self.configuration = configuration
        self.patience = patience
        silence = patience.map { _ in SilenceWatch() }
        pool = Pool(limits: PoolLimits(size: configuration.poolSize, acquireTimeout: configuration.acquireTimeout)) { limit in
            try await PostgresConnection.open(configuration, deadline: min(limit, .seconds(5)))
        }
    }

    /// What the server was out of within the last minute. It may answer everything that needs no room meanwhile.
    package var recentShortage: PostgresError? {
        shortage.withLock { $0.flatMap { .now - $0.at < .seconds(60) ? $0.error : nil } }
    }

    package var gauges: Pool<PostgresConnection>.Gauges { get async { await pool.gauges } }

    package func query(_ sql: SQL, deadline: Duration) async throws(PostgresError) -> [PostgresRow] {
        let deadline = try bounded(deadline)
        let limit = ContinuousClock.now + deadline
        return try await withConnection(waitingAtMost: deadline) { connection throws(PostgresError) in
            try await connection.query(sql, deadline: limit - .now)
        }
    }

    /// Runs what is asked of the pool for one request: all statements in `body` together have no more time than anybody waits for one.
    /// `since`: when the request began to wait for them.
    package func asOneRequest<Value>(since: ContinuousClock.Instant = .now, _ body: () async throws -> Value) async rethrows -> Value {
        guard let patience else { return try await body() }
        return try await StatementBudget.$current.withValue(StatementBudget(patience - (.now - since))) { try await body() }
    }

    private func bounded(_ deadline: Duration) throws(PostgresError) -> Duration {
        let most = min(deadline, patience ?? deadline)
        guard let left = StatementBudget.current?.remaining, left < most else { return most }
        guard left > .zero else {
            throw PostgresError(code: .timedOut, message: "the request's statements had no answer in the time that they have together")
        }
        return left
    }

    /// Before a statement. What it returns is to be called after it.
    private func begin() throws(PostgresError) -> @Sendable (PostgresError?) -> Void {
        try silence?.enter()
        let (begun, budget) = (ContinuousClock.now, StatementBudget.current)
        // What has less time than anybody waits tells nothing of the server when that is over.
        let isHurried = patience.map { (budget?.remaining ?? $0) < $0 } ?? false
        return { [self] error in
            if let error, error.isShortage { shortage.withLock { $0 = (error, .now) } }
            budget?.spend(.now - begun)
            if isHurried, error?.code == .timedOut || error?.code == .poolExhausted { return }
            silence?.left(begun: begun, with: error)
        }
    }

    /// One statement that only reads, over the connection that all reads share: it waits for no other to be lent. `decode` runs on that
    /// connection's thread, is to be quick, and gets the result in binary format. A task that is cancelled before throws; while it waits it
    /// gets its answer all the same.
    package func read<Value: Sendable>(
        _ statement: ReadStatement,
        _ parameters: [String?],
        deadline: Duration = .seconds(10),
        _ decode: @escaping @Sendable (borrowing PostgresResult) throws -> Value
    ) async throws -> Value {
        guard !Task.isCancelled else { throw PostgresError(code: .cancelled, message: "cancelled before it was sent") }
        let shared = try sharedReader()
        let deadline = try bounded(deadline)
        let end = try begin()
        let now = ContinuousClock.now
        return try await withCheckedThrowingContinuation { continuation in
            shared.submit(
                PostgresReader.Job(
                    statement: statement,
                    parameters: parameters,
                    deadline: now + deadline,
                    connectBy: now + min(deadline, configuration.acquireTimeout),
                    succeed: { result in
                        end(nil)
                        do { continuation.resume(returning: try decode(result)) } catch { continuation.resume(throwing: error) }
                    },
                    fail: { error in
                        end(error)
                        continuation.resume(throwing: error)
                    }
                )
            )
        }
    }

    /// The same for a statement that is put together for the call. Its texts are to be few: each is kept, and prepared once.
    package func read<Value: Sendable>(
        _ sql: SQL,
        deadline: Duration = .seconds(10),
        _ decode: @escaping @Sendable (borrowing PostgresResult) throws -> Value
    ) async throws -> Value {
        let (text, parameters) = sql.rendered()
        let statement = statements.withLock { statements in
            if let known = statements[text] { return known }
            let statement = ReadStatement(text)
            statements[text] = statement
            return statement
        }
        return try await read(statement, parameters, deadline: deadline, decode)
    }

    private func sharedReader() throws(PostgresError) -> PostgresReader {
        try reader.withLock { reader throws(PostgresError) in
            if let reader { return reader }
            let made = try PostgresReader(configuration: configuration)
            reader = made
            return made
        }
    }

    /// `limit`: for the wait for a connection, if it is to be shorter than the pool's own.
    package func withConnection<Value: Sendable>(
        waitingAtMost limit: Duration? = nil,
        _ body: (PostgresConnection) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let end = try begin()
        do throws(PostgresError) {
            let value = try await lent(waitingAtMost: limit ?? patience, body)
            end(nil)
            return value
        } catch {
            end(error)
            throw error
        }
    }

    private func lent<Value: Sendable>(
        waitingAtMost limit: Duration?,
        _ body: (PostgresConnection) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        do {
            return try await pool.withConnection(waitingAtMost: limit) { try await body($0) }
        } catch let error as PostgresError {
            throw error
        } catch let error as PoolError {
            throw PostgresError(error)
        } catch {
            // Waiting for the next dial was cancelled.
            throw PostgresError(code: .cancelled, message: "cancelled while waiting for a connection")
        }
    }

    /// Commits when `body` returns; whatever it throws, the transaction is rolled back before anybody else gets the connection.
    ///
    /// Throws 25P02 when a statement failed and `body` went on regardless. An error `.connection` of the COMMIT itself leaves open
    /// whether it was committed.
    package func withTransaction<Value: Sendable>(
        _ body: (PostgresTransaction) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await withConnection { connection throws(PostgresError) in
            try await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            let value = try await body(PostgresTransaction(connection: connection))
            try await connection.commit()
            return value
        }
    }

    package func close() async {
        reader.withLock { $0 }?.close()
        await pool.close()
    }
}

extension PostgresError {
    init(_ error: PoolError) {
        switch error {
        case .timedOut: self.init(code: .poolExhausted, message: "no connection became free in time")
        case .cancelled: self.init(code: .cancelled, message: "cancelled while waiting for a connection")
        case .closed: self.init(code: .closed, message: "the connection pool is closed")
        }
    }
}
