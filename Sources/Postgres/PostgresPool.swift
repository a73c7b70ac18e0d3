package import ThreadedIO

/// Lends connections to one database.
package final class PostgresPool: PostgresExecutor {
    private let pool: Pool<PostgresConnection>

    package init(configuration: PostgresConfiguration) {
        pool = Pool(size: configuration.poolSize, acquireTimeout: configuration.acquireTimeout) {
            try await PostgresConnection.open(configuration)
        }
    }

    package var gauges: Pool<PostgresConnection>.Gauges { get async { await pool.gauges } }

    package func query(_ sql: SQL, deadline: Duration) async throws(PostgresError) -> [PostgresRow] {
        let limit = ContinuousClock.now + deadline
        return try await withConnection { connection throws(PostgresError) in
            try await connection.query(sql, deadline: limit - .now)
        }
    }

    package func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        do {
            return try await pool.withConnection { try await body($0) }
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
    package func withTransaction<Value: Sendable>(
        _ body: (PostgresTransaction) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await withConnection { connection throws(PostgresError) in
            try await connection.execute("BEGIN")
            let value = try await body(PostgresTransaction(connection: connection))
            try await connection.execute("COMMIT")
            return value
        }
    }

    /// Runs the transaction again, at most `attempts` times in all, when PostgreSQL says 40001 or 40P01.
    package func retryingSerializationFailures<Value: Sendable>(
        attempts: Int = 3,
        _ body: (PostgresTransaction) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        var attempt = 1
        while true {
            do throws(PostgresError) {
                return try await withTransaction(body)
            } catch  where ["40001", "40P01"].contains(error.sqlState ?? "") && attempt < attempts {
                attempt += 1
            }
        }
    }

    package func close() async { await pool.close() }
}

/// A connection within BEGIN and COMMIT; its own type, so that BEGIN cannot nest.
package struct PostgresTransaction: PostgresExecutor {
    private let connection: PostgresConnection

    init(connection: PostgresConnection) { self.connection = connection }

    package func query(_ sql: SQL, deadline: Duration) async throws(PostgresError) -> [PostgresRow] {
        try await connection.query(sql, deadline: deadline)
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
