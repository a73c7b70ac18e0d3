import Logging
import NIOCore
import NIOPosix
import Postgres
import StoreRecords
import TestSupport
import Testing

@testable import StoreGate

/// How often PostgreSQL is asked, and what is said without it.
@Suite(.timeLimit(.minutes(20))) struct LookupTests {
    /// Puts a view that counts statements in the table's place.
    private func countStatements(_ pool: PostgresPool) async throws {
        _ = try await pool.query("CREATE SEQUENCE statements")
        _ = try await pool.query("ALTER TABLE stores RENAME TO real_stores")
        _ = try await pool.query(
            "CREATE VIEW stores AS SELECT r.* FROM real_stores r, (SELECT nextval('statements') AS number OFFSET 0) s WHERE s.number > 0"
        )
    }

    private func statements(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT last_value AS count FROM statements WHERE is_called").first?["count"] ?? 0
    }

    @Test("a thousand requests for one host are one statement, and a new state is seen within the answers' lifetime") func flood()
        async throws
    {
        try await withPool { pool in
            let gate = GateUnderTest(port: 0, pool: pool)
            try await gate.store("Acme", set: "status = 'ready', asleep = true")
            let lookup = StoreLookup(logger: Logger(label: "tests")) { try await StoreRecords(pool: pool).store(atHost: $0) }
            let host = try #require(RequestedHost(authority: "acme.example.com"))
            let begin = ContinuousClock.now
            try await countStatements(pool)
            let answers = await withTaskGroup(of: GateAnswer.self) { group in
                for _ in 0..<1_000 { group.addTask { await lookup.answer(for: host, at: begin) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 1_000 && answers.allSatisfy { $0.state == .asleep })
            #expect(try await statements(pool) == 1)
            _ = try await pool.query("UPDATE real_stores SET asleep = false, activity = 'waking'")
            #expect(await lookup.answer(for: host, at: begin + .seconds(1.9)).state == .asleep)
            #expect(await lookup.answer(for: host, at: begin + .seconds(2.9)).state == .starting)
        }
    }

    @Test("more hosts than may be asked for in a second are told to come again, and the others still get their answers") func manyHosts()
        async throws
    {
        try await withPool { pool in
            try await GateUnderTest(port: 0, pool: pool).store("Acme", set: "status = 'ready', asleep = true")
            let lookup = StoreLookup(logger: Logger(label: "tests"), limit: 10) { try await StoreRecords(pool: pool).store(atHost: $0) }
            let begin = ContinuousClock.now
            let acme = try #require(RequestedHost(authority: "acme.example.com"))
            #expect(await lookup.answer(for: acme, at: begin).state == .asleep)
            var states: [GateAnswer.State] = []
            for number in 0..<12 {
                let host = try #require(RequestedHost(authority: "h\(number).example.com"))
                states.append(await lookup.answer(for: host, at: begin).state)
            }
            #expect(states.count { $0 == .unknown } == 9 && states.suffix(3) == [.unavailable, .unavailable, .unavailable])
            #expect(await lookup.answer(for: acme, at: begin).state == .asleep)
            let late = try #require(RequestedHost(authority: "late.example.com"))
            #expect(await lookup.answer(for: late, at: begin + .seconds(1)).state == .unknown)
        }
    }

    @Test("while PostgreSQL is away every host is told to come again, never 404, and it is right again afterwards") func databaseAway()
        async throws
    {
        let server = try await PrivateServer.start(.postgres)
        let database = try PostgresConfiguration(
            url: "postgresql://storeweaver@/postgres?host=\(server.folder)",
            applicationName: "tests",
            acquireTimeout: StoreGate.patience
        )
        let pool = PostgresPool(configuration: database)
        _ = try await StoreRecords.migrator.migrate(using: pool)
        await pool.close()
        try await withGate(database: database) { gate in
            try await gate.store("Acme", set: "status = 'ready', asleep = true")
            #expect(try await gate.ask("acme.example.com", accept: "application/json").body.contains("\"asleep\""))
            try await server.kill()
            func told(_ host: String) async throws -> RawAnswer { try await gate.ask(host, accept: "application/json") }
            // What was known counts for a moment longer.
            while try await told("acme.example.com").body.contains("\"asleep\"") { try await Task.sleep(for: .milliseconds(100)) }
            for host in ["acme.example.com", "unknown.example.com"] {
                let answer = try await told(host)
                #expect(answer.status == 503 && answer.header("Retry-After") != nil && answer.body.contains("\"unavailable\""), "\(host)")
            }
            for path in ["/robots.txt", "/favicon.ico"] {
                #expect(try await gate.ask("acme.example.com", path).status == 503, "\(path)")
            }
            try await server.start()
            while try await told("unknown.example.com").status != 404 { try await Task.sleep(for: .milliseconds(100)) }
            while try await !told("acme.example.com").body.contains("\"asleep\"") { try await Task.sleep(for: .milliseconds(100)) }
        }
        try await server.stop()
    }

    @Test("a PostgreSQL that is stopped in mid-air keeps nobody waiting") func silence() async throws {
        // Accepts connections and never says anything.
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        let database = try PostgresConfiguration(
            url: "postgresql://x@127.0.0.1:\(port)/x",
            applicationName: "tests",
            acquireTimeout: StoreGate.patience
        )
        try await withGate(database: database) { gate in
            let answer = try await gate.ask("acme.example.com")
            #expect(answer.status == 503 && answer.body.contains("This address"))
        }
        try await silent.close()
    }

    @Test("who asks is answered though PostgreSQL's client still waits") func impatience() async throws {
        let (never, end) = AsyncStream.makeStream(of: Never.self)
        let lookup = StoreLookup(logger: Logger(label: "tests")) { _ in
            for await _ in never {}
            return nil
        }
        let host = try #require(RequestedHost(authority: "acme.example.com"))
        #expect(await lookup.answer(for: host) == .undecided)
        end.finish()
    }

    @Test("a role that may read seven columns of stores, three of domains and no more suffices") func leastRights() async throws {
        try await withPool { pool in
            try await GateUnderTest(port: 0, pool: pool).store("Acme", set: "status = 'ready', asleep = true")
            let role = "gate_\(UInt32.random(in: 0...UInt32.max))"
            _ = try await pool.query(SQL(unsafe: "CREATE ROLE \(role) LOGIN"))
            _ = try await pool.query(
                SQL(unsafe: "GRANT SELECT (id, host, name, status, asleep, activity, deleted_at) ON stores TO \(role)")
            )
            _ = try await pool.query(SQL(unsafe: "GRANT SELECT (host, store_id, state) ON domains TO \(role)"))
            let name: String = try #require(try await pool.query("SELECT current_database() AS name").first?["name"])
            let folder: String = try #require(try await pool.query("SHOW unix_socket_directories").first?["unix_socket_directories"])
            let own = try PostgresConfiguration(url: "postgresql://\(role)@/\(name)?host=\(folder)", applicationName: "tests")
            try await withGate(database: own) { gate in
                let page = try await gate.ask("acme.example.com")
                #expect(page.body.contains("Acme"))
            }
        }
    }
}
