extension PostgresPool {
    /// Throws `.configuration` where a pooler gives each transaction a server connection of its own (pgbouncer's `pool_mode = transaction` and
    /// `statement`): settings, prepared statements, LISTEN and advisory locks are a session's, and would be another's. One that gives each session
    /// its own is fine. A server that cannot be asked now is no error.
    ///
    /// Two sessions that are open at once have two server processes, and neither knows the other's statements.
    package func refuseTransactionPooling() async throws(PostgresError) {
        guard let one = try? await PostgresConnection.open(configuration, deadline: .seconds(3)),
            let other = try? await PostgresConnection.open(configuration, deadline: .seconds(3))
        else { return }
        var processes: [Int] = []
        var isMixed = false
        for connection in [one, other, one] {
            do throws(PostgresError) {
                let row = try await connection.query("SELECT pg_backend_pid() AS process", deadline: .seconds(3)).first
                if let process: Int = try? row?["process"] { processes.append(process) }
            } catch {
                // The statement has the name of one that the other session prepared, or is gone.
                isMixed = isMixed || ["42P05", "26000"].contains(error.sqlState ?? "")
            }
        }
        await one.close()
        await other.close()
        guard isMixed || (processes.count == 3 && (processes[0] == processes[1] || processes[0] != processes[2])) else { return }
        throw PostgresError(
            code: .configuration,
            message: """
                DATABASE_URL leads to a pooler that pools transactions, and sessions are needed (LISTEN, advisory locks, prepared statements): set its \
                pool_mode to session for this database, or name PostgreSQL itself
                """
        )
    }
}
