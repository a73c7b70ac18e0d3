import Foundation
import NIOPosix
import NIOCore
import Postgres
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct PostgresReaderTests {
    private func withPool(_ body: (PostgresPool) async throws -> Void) async throws {
        try await TestDatabases.withDatabase { configuration in
            let pool = PostgresPool(configuration: configuration)
            do { try await body(pool) } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }
    }

    private func number(_ pool: PostgresPool, _ sql: SQL, deadline: Duration = .seconds(10)) async throws -> Int {
        try await pool.read(sql, deadline: deadline) { try $0.integer(0, 0) }
    }

    /// `nil`: it did not fail.
    private func failure(_ body: () async throws -> Int) async -> PostgresError? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? PostgresError }
    }

    @Test("reads every type that it offers, NULL, and both ends of their ranges") func types() async throws {
        try await withPool { pool in
            let read = try await pool.read(
                """
                SELECT 'Grüße', NULL::text, (-32768)::smallint, 2147483647, (-9223372036854775807)::bigint, true, false,
                       '2026-11-23 07:46:41.161212+00'::timestamptz, 'infinity'::timestamptz, '1969-12-31 23:59:59.5+00'::timestamptz
                """
            ) { cells in
                #expect(cells.rowCount == 1)
                #expect(try cells.text(0, 0) == "Grüße")
                #expect(cells.optionalText(0, 1) == nil)
                #expect(try cells.integer(0, 2) == -32_768)
                #expect(try cells.integer(0, 3) == 2_147_483_647)
                #expect(try cells.integer(0, 4) == -9_223_372_036_854_775_807)
                #expect(try cells.cells(0)[5].boolean && !cells.cells(0)[6].boolean)
                #expect(try cells.date(0, 9) == Date(timeIntervalSince1970: -0.5))
                for wrong in [1, 3, 8] { #expect(throws: PostgresError.self) { try cells.date(0, wrong) } }
                #expect(throws: PostgresError.self) { try cells.text(0, 1) }
                #expect(throws: PostgresError.self) { try cells.text(1, 0) }
                #expect(throws: PostgresError.self) { try cells.text(0, 10) }
                #expect(throws: PostgresError.self) { try cells.integer(0, 0) }
                return try cells.date(0, 7).timeIntervalSince1970
            }
            #expect((read * 1_000_000).rounded() == 1_795_420_001_161_212)
        }
    }

    @Test("reads records, and arrays of them, with NULL and with nothing in them") func composites() async throws {
        try await withPool { pool in
            try await pool.read(
                """
                SELECT row(7::bigint, 'Grüße', NULL::text, '1970-01-01 00:00:01+00'::timestamptz), NULL::record,
                       ARRAY(SELECT row(n, 'no ' || n) FROM generate_series(1, 3) n ORDER BY n DESC), ARRAY(SELECT row(1) WHERE false),
                       ARRAY['a', NULL, ''], ARRAY[[1, 2], [3, 4]], 12
                """
            ) { result in
                let cells = result.cells(0)
                let record = try cells[0].record
                #expect(record.count == 4)
                #expect(try record[0].integer == 7 && record[1].requiredText == "Grüße")
                #expect(try record[2].isNull && record[3].microseconds == 1_000_000)
                #expect(try cells[1].record.isEmpty && cells[1].array.isEmpty)
                #expect(try cells[2].array.map { try $0.record[0].integer } == [3, 2, 1])
                #expect(try cells[2].array.map { try $0.record[1].text } == ["no 3", "no 2", "no 1"])
                #expect(try cells[3].array.isEmpty)
                #expect(try cells[4].array.map(\.text) == ["a", nil, ""])
                #expect(throws: PostgresError.self) { try cells[5].array }
                for wrong in [4, 6] { #expect(throws: PostgresError.self) { try cells[wrong].record } }
                #expect(throws: PostgresError.self) { try cells[6].array }
                #expect(throws: PostgresError.self) { try cells[0].date }
            }
        }
    }

    @Test("many at once get each its own answer; one that fails fails alone") func many() async throws {
        try await withPool { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<500 {
                    group.addTask {
                        if index % 7 == 0 {
                            let error = await failure { try await number(pool, "SELECT 1 / \(index - index)::int") }
                            #expect(error?.sqlState == "22012")
                        } else {
                            let answer = try await number(pool, "SELECT \(index)::int * 2")
                            #expect(answer == 2 * index)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("what decoding throws reaches the caller, and the next read goes on") func decoding() async throws {
        struct Unreadable: Error {}
        try await withPool { pool in
            do {
                try await pool.read("SELECT 1") { _ in throw Unreadable() }
                Issue.record("it was answered")
            } catch is Unreadable {}
            #expect(try await number(pool, "SELECT 2") == 2)
        }
    }

    @Test("a statement that fails for its values stays prepared, one that cannot be prepared leaves nothing") func failing() async throws {
        try await withPool { pool in
            for _ in 0..<20 {
                #expect(await failure { try await number(pool, "SELECT 7 / \(0)::int") }?.sqlState == "22012")
                #expect(await failure { try await number(pool, "SELECT nothing FROM nowhere") }?.sqlState == "42P01")
            }
            #expect(try await number(pool, "SELECT 7 / \(7)::int") == 1)
            let kept = try await number(pool, "SELECT count(*) FROM pg_prepared_statements WHERE statement ~ '^SELECT (7|nothing)'")
            #expect(kept == 1)
        }
    }

    @Test("a statement whose table changed is prepared anew") func changedTable() async throws {
        try await withPool { pool in
            try await pool.query("CREATE TABLE things (a int)")
            try await pool.query("INSERT INTO things VALUES (1)")
            #expect(try await number(pool, "SELECT * FROM things") == 1)
            try await pool.query("ALTER TABLE things ALTER COLUMN a TYPE text")
            let text = try await pool.read("SELECT * FROM things") { try $0.text(0, 0) }
            #expect(text == "1")
        }
    }

    @Test("a table without rows is read by its key: the plan is kept, and the table grows") func plans() async throws {
        try await withPool { pool in
            _ = try await pool.query("CREATE TABLE stores (id int PRIMARY KEY)")
            _ = try await pool.query("ANALYZE stores")
            let explained: SQL = "EXPLAIN SELECT id FROM stores WHERE id = 1"
            #expect(
                try await pool.query(explained).first?["QUERY PLAN"] == Optional("Seq Scan on stores  (cost=0.00..0.00 rows=1 width=4)")
            )
            #expect(try await pool.read(explained) { try $0.text(0, 0) }.hasPrefix("Index Only Scan using stores_pkey"))
        }
    }

    @Test("reads on their way when the connection is ended are sent once more") func brokenConnection() async throws {
        try await withPool { pool in
            let backend = try await number(pool, "SELECT pg_backend_pid()")
            async let slow = number(pool, "SELECT 7 FROM pg_sleep(0.5)")
            try await Task.sleep(for: .milliseconds(100))
            try await pool.query("SELECT pg_terminate_backend(\(backend))")
            #expect(try await slow == 7)
            #expect(try await number(pool, "SELECT pg_backend_pid()") != backend)
        }
    }

    @Test("who waits longer than he may is told so, and those behind him are served") func deadline() async throws {
        try await withPool { pool in
            async let stuck = failure { try await number(pool, "SELECT 1 FROM pg_sleep(60)", deadline: .milliseconds(300)) }
            async let behind = number(pool, "SELECT 2")
            let late = await stuck
            #expect(late?.code == .timedOut)
            let answer = try await behind
            #expect(answer == 2)
        }
    }

    @Test("without a server it fails in time; once the pool is closed at once") func noServer() async throws {
        let nowhere = try PostgresConfiguration(
            url: "postgresql://nobody@127.0.0.1:1/none",
            applicationName: "tests",
            poolSize: 1,
            acquireTimeout: .milliseconds(300)
        )
        let pool = PostgresPool(configuration: nowhere)
        let away = await failure { try await number(pool, "SELECT 1") }
        #expect(away?.isUnavailable == true)
        await pool.close()
        let closed = await failure { try await number(pool, "SELECT 1") }
        #expect(closed?.code == .closed)
    }

    @Test("a server that takes connections and says nothing keeps nobody longer than he may wait") func silentServer() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let nowhere = try PostgresConfiguration(
            url: "postgresql://nobody@127.0.0.1:\(try #require(silent.localAddress?.port))/none",
            applicationName: "tests",
            poolSize: 1,
            acquireTimeout: .milliseconds(300)
        )
        let pool = PostgresPool(configuration: nowhere)
        // What an attempt to connect may take.
        let isFirst = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await failure { try await number(pool, "SELECT 1") }?.isUnavailable == true }
            group.addTask {
                try? await Task.sleep(for: .seconds(4))
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        #expect(isFirst)
        await pool.close()
        try await silent.close()
    }
}
