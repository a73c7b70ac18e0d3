extension PostgresPool {
    /// Throws `.configuration` where a pooler gives each transaction a server connection of its own (pgbouncer's `pool_mode = transaction` and
    /// `statement`): settings, prepared statements, LISTEN and advisory locks are a session's, and would be another's. One that gives each session
    /// its own is fine. A server that cannot be asked now is no error.
    ///
    /// Two sessions that are open at once have two server processes, unless they are lent the same one in turn.
    package func refuseTransactionPooling() async throws(PostgresError) {
        guard let one = try? await PostgresConnection.open(configuration, deadline: .seconds(3)),
            let other = try? await PostgresConnection.open(configuration, deadline: .seconds(3))
        else { return }
        var processes: [Int] = []
        for connection in [one, other, one] {
            guard let row = try? await connection.query("SELECT pg_backend_pid() AS process", deadline: .seconds(3)).first,
                let process: Int = try? row["process"]
            else { break }
            processes.append(process)
        }
        await one.close()
        await other.close()
        guard processes.count == 3, processes[0] == processes[1] || processes[0] != processes[2] else { return }
        throw PostgresError(
            code: .configuration,
            message: """
                DATABASE_URL leads to a pooler that pools transactions, and sessions are needed (LISTEN, advisory locks, prepared statements): set its \
                pool_mode to session for this database, or name PostgreSQL itself
                """
        )
    }
}
