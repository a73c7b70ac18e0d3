import Postgres
import Testing
import TestSupport
import ThreadedIO

@Suite struct PoolTests {
    @Test("a transaction commits as a whole or not at all") func transactions() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            try await pool.query("CREATE TABLE t (n int)")
            _ = try await pool.withTransaction { transaction throws(PostgresError) in
                try await transaction.query("INSERT INTO t VALUES (1)")
            }
            await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction throws(PostgresError) in
                    try await transaction.query("INSERT INTO t VALUES (2)")
                    try await transaction.query("SELECT broken")
                }
            }
            #expect(try await pool.query("SELECT n FROM t").count == 1)
            await pool.close()
        }
    }

    @Test("under killed backends, cancelled borrowers and transactions left open, every connection is accounted for") func stress()
        async throws
    {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            try await pool.query("CREATE TABLE t (n int)")
            await withTaskGroup(of: Void.self) { group in
                for borrower in 0..<600 {
                    group.addTask {
                        let work = Task {
                            try await pool.withConnection { connection throws(PostgresError) in
                                if borrower % 7 == 0 { try await connection.execute("BEGIN") }
                                if borrower % 11 == 0 { try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())") }
                                try await connection.query("INSERT INTO t VALUES (\(borrower))")
                            }
                        }
                        if borrower % 3 == 0 { work.cancel() }
                        _ = await work.result
                    }
                }
            }
            let gauges = await pool.gauges
            #expect(gauges.lent == 0)
            #expect(gauges.waiting == 0)
            #expect(gauges.idle <= 4)
            #expect(try await pool.query("SELECT 1 AS one").first?["one"] == 1)
            await pool.close()
            await #expect { try await pool.query("SELECT 1") } throws: { ($0 as? PostgresError)?.code == .closed }
        }
    }

    @Test("a connection that was cut while it was idle is replaced without anybody noticing") func cutWhileIdle() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            let other = try await PostgresConnection.open(configuration)
            for _ in 0..<20 {
                let pid: Int = try #require(try await pool.query("SELECT pg_backend_pid() AS pid").first)["pid"]
                #expect(try await other.query("SELECT pg_terminate_backend(\(pid), 5000) AS gone").first?["gone"] == true)
                #expect(try await pool.query("SELECT 1 AS one").first?["one"] == 1)
            }
            #expect(await pool.gauges.idle == 1)
            await pool.close()
        }
    }

    @Test("a transaction that went on after a failed statement is not called committed") func swallowedFailure() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            try await pool.query("CREATE TABLE t (n int PRIMARY KEY)")
            await #expect {
                try await pool.withTransaction { transaction throws(PostgresError) in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.query("INSERT INTO t VALUES (1)")
                }
            } throws: { ($0 as? PostgresError)?.sqlState == "25P02" }
            #expect(try await pool.query("SELECT n FROM t").isEmpty)
            await pool.close()
        }
    }

    @Test("a transaction that is cancelled is rolled back before anybody else gets its connection") func cancelledTransaction()
        async throws
    {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            try await pool.query("CREATE TABLE t (n int)")
            let (inserted, signal) = AsyncStream.makeStream(of: Void.self)
            let work = Task {
                try await pool.withTransaction { transaction throws(PostgresError) in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    signal.finish()
                    _ = try await transaction.query("SELECT pg_sleep(60)", deadline: .seconds(60))
                }
            }
            for await _ in inserted {}
            work.cancel()
            await #expect { try await work.value } throws: { ($0 as? PostgresError)?.code == .cancelled }
            #expect(try await pool.query("SELECT n FROM t").isEmpty)
            await pool.close()
        }
    }

    @Test("who finds all connections lent waits no longer than agreed") func exhausted() async throws {
        try await TestDatabases.withDatabase { _ async throws in
            let pool = PostgresPool(
                configuration: try await TestDatabases.configuration(of: "postgres", poolSize: 1)
            )
            try await pool.withConnection { _ throws(PostgresError) in
                do throws(PostgresError) {
                    // Only this one is short of time: the first has a connection to make, which takes what it takes on a busy machine.
                    _ = try await pool.query("SELECT 1", deadline: .milliseconds(30))
                    Issue.record("a second connection was lent")
                } catch { #expect(error.code == .poolExhausted) }
            }
            await pool.close()
        }
    }

    @Test("the pool recovers by itself from a restart of the server") func restart() async throws {
        let server = try await PrivateServer.start(.postgres)
        let pool = PostgresPool(configuration: try await TestDatabases.configuration(of: "postgres", host: server.folder))
        try await pool.query("SELECT 1")
        try await server.kill()
        await #expect { try await pool.query("SELECT 1") } throws: { ($0 as? PostgresError)?.isUnavailable == true }
        try await server.start()
        #expect(try await pool.query("SELECT 1").count == 1)
        await pool.close()
        try await server.stop()
    }
}
