/// A connection within BEGIN and COMMIT; its own type, so that BEGIN cannot nest. Not to be kept beyond the transaction.
package struct PostgresTransaction: PostgresExecutor {
    private let connection: PostgresConnection

    init(connection: PostgresConnection) { self.connection = connection }

    package func query(_ sql: SQL, deadline: Duration) async throws(PostgresError) -> [PostgresRow] {
        try await connection.query(sql, deadline: deadline)
    }

    /// Statements without parameters, separated by semicolons; no rows.
    func execute(_ text: String, deadline: Duration = .seconds(10)) async throws(PostgresError) {
        try await connection.execute(text, deadline: deadline)
    }
}
