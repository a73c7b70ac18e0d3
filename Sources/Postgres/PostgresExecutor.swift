/// Whatever runs statements: the pool (each on any connection), one connection, a transaction.
package protocol PostgresExecutor: Sendable {
    /// All rows of one statement. `deadline` counts from the call and includes waiting for a connection.
    func query(_ sql: SQL, deadline: Duration) async throws(PostgresError) -> [PostgresRow]
}

extension PostgresExecutor {
    /// With a deadline of 10 seconds.
    @discardableResult
    package func query(_ sql: SQL) async throws(PostgresError) -> [PostgresRow] {
        try await query(sql, deadline: .seconds(10))
    }
}
