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

    @Test("who finds all connections lent waits no longer than agreed") func exhausted() async throws {
        try await TestDatabases.withDatabase { _ async throws in
            let pool = PostgresPool(
                configuration: try await TestDatabases.configuration(of: "postgres", poolSize: 1, acquireTimeout: .milliseconds(30))
            )
            try await pool.withConnection { _ throws(PostgresError) in
                do throws(PostgresError) {
                    try await pool.query("SELECT 1")
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
        await #expect { try await pool.query("SELECT 1") } throws: { ($0 as? PostgresError)?.isUnavailable == true }
        try await server.start()
        // The first connections that were idle may still find out that theirs is gone.
        var answers = 0
        for _ in 0..<10 where answers == 0 { answers = (try? await pool.query("SELECT 1").count) ?? 0 }
        #expect(answers == 1)
        await pool.close()
        try await server.stop()
    }
}
