import Postgres
import ThreadedIO

extension StoreRecords {
    /// Nothing is connected before it is used. `url`: libpq's connection URI. `program`: the name that PostgreSQL shows for its connections, of
    /// which there are at most `connections`; one waits `acquireTimeout` for a free one. `patience`: how long anybody waits for a statement at
    /// most; `nil`: for as long as its own deadline says. Throws for a text that is no such URI.
    package init(
        url: String,
        program: String,
        connections: Int = 4,
        acquireTimeout: Duration = .seconds(5),
        patience: Duration? = nil
    ) throws {
        let configuration = try PostgresConfiguration(
            url: url,
            applicationName: program,
            poolSize: connections,
            acquireTimeout: acquireTimeout
        )
        self.init(pool: PostgresPool(configuration: configuration, patience: patience))
    }

    /// Throws where a pooler gives each transaction a connection of its own; a server that cannot be asked now is no error.
    package func refuseTransactionPooling() async throws { try await pool.refuseTransactionPooling() }

    /// How many connections are idle and lent, and how many callers wait for one.
    package var gauges: (idle: Int, lent: Int, waiting: Int) {
        get async {
            let gauges = await pool.gauges
            return (gauges.idle, gauges.lent, gauges.waiting)
        }
    }

    /// The database's address as the service `name` of a file that libpq's programs read. Throws for what cannot stand in one.
    package static func serviceFile(_ name: String, url: String) throws -> String {
        try PostgresConfiguration(url: url, applicationName: name).serviceFile(name)
    }

    /// Closes all connections; nothing can be asked any more.
    package func close() async { await pool.close() }
}
