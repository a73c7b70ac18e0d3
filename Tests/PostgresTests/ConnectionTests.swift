import Foundation
import Postgres
import Testing
import TestSupport
import ThreadedIO

@Suite struct ConnectionTests {
    @Test("every type comes back as it went") func types() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            let date = Date(timeIntervalSince1970: 1_795_424_801.161212)
            let nothing: Int? = nil
            let rows = try await connection.query(
                """
                SELECT \("ü'\"\\")::text AS text, \(42)::int AS int, \(Int64.min)::bigint AS big, \(0.1)::float8 AS double, \(true)::bool AS yes,
                       \(date)::timestamptz AS date, \(nothing)::int AS nothing, \(["a,b", "c\"d\\", "", "{ü}", "e\0"])::text[] AS texts,
                       array_length(\([Int64(1), 2, 3])::bigint[], 1) AS three
                """
            )
            let row = try #require(rows.first)
            #expect(try row["text"] == "ü'\"\\")
            #expect(try row["int"] == 42)
            #expect(try row["big"] == Int64.min)
            #expect(try row["double"] == 0.1)
            #expect(try row["yes"] == true)
            #expect(try row["date"] == date)
            #expect(try row["nothing"] == nothing)
            #expect(try row["texts"] == #"{"a,b","c\"d\\","","{ü}",e}"#)
            #expect(try row["three"] == 3)
        }
    }

    @Test("a column that is missing or of another type is a decoding error") func decodingErrors() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            let row = try #require(try await connection.query("SELECT 'x' AS x, NULL AS n").first)
            func code<Value: PostgresDecodable>(_ column: String, as type: Value.Type) -> PostgresError.Code? {
                do throws(PostgresError) {
                    let _: Value = try row[column]
                    return nil
                } catch { return error.code }
            }
            #expect(code("x", as: Int.self) == .decoding)
            #expect(code("n", as: String.self) == .decoding)
            #expect(code("missing", as: String.self) == .decoding)
        }
    }

    @Test("a refused statement has its SQLSTATE, and the connection goes on") func serverErrors() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            try await connection.execute("CREATE TABLE t (n int PRIMARY KEY)")
            try await connection.query("INSERT INTO t VALUES (\(1))")
            await #expect {
                try await connection.query("INSERT INTO t VALUES (\(1))")
            } throws: { ($0 as? PostgresError)?.sqlState == "23505" }
            await #expect { try await connection.query("SELEC") } throws: { ($0 as? PostgresError)?.sqlState == "42601" }
            #expect(try await connection.query("SELECT n FROM t").count == 1)
        }
    }

    @Test("a statement whose plan no longer fits is prepared again") func changedPlan() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            try await connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            #expect(try await connection.query("SELECT * FROM t").count == 1)
            try await connection.execute("ALTER TABLE t ADD b text DEFAULT 'new'")
            let row = try #require(try await connection.query("SELECT * FROM t").first)
            #expect(try row["b"] == "new")
            try await connection.execute("DEALLOCATE ALL")
            #expect(try await connection.query("SELECT * FROM t").count == 1)
        }
    }

    @Test("a deadline ends the wait and the statement on the server") func deadline() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            await #expect { try await pool.query("SELECT pg_sleep(60)", deadline: .milliseconds(50)) } throws: {
                ($0 as? PostgresError)?.code == .timedOut
            }
            // The server hears of the cancellation by a signal, and ends the statement when it looks.
            var running = 1
            for _ in 0..<500 where running > 0 {
                let row = try await pool.query(
                    """
                    SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                        AND query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()) AS n, pg_sleep(0.01)::text AS waited
                    """
                ).first
                running = try #require(row)["n"]
            }
            #expect(running == 0)
            await pool.close()
        }
    }

    @Test("a cancelled statement never hurts the next one") func cancellation() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            for round in 0..<300 {
                let task = Task { try await pool.query("SELECT pg_sleep(10)") }
                if round % 3 == 0 { await Task.yield() }
                task.cancel()
                await #expect { try await task.value } throws: { ($0 as? PostgresError)?.code == .cancelled }
                #expect(try await pool.query("SELECT 1 AS one").first?["one"] == 1)
            }
            #expect(await pool.gauges.lent == 0)
            await pool.close()
        }
    }

    @Test("more statements than the cache holds run, and the server forgets those that made room")
    func eviction() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            let statements = (0..<250).map { SQL(unsafe: "SELECT \($0) AS n") }
            for (n, statement) in statements.enumerated() { #expect(try await connection.query(statement).first?["n"] == n) }
            let known: Int = try #require(try await connection.query("SELECT count(*) AS n FROM pg_prepared_statements").first)["n"]
            #expect(known <= 201)
        }
    }

    @Test("COPY is refused instead of waiting for data for ever", .timeLimit(.minutes(20))) func copy() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            try await connection.execute("CREATE TABLE t (n int)")
            await #expect { try await connection.execute("COPY t FROM STDIN") } throws: { ($0 as? PostgresError)?.code == .decoding }
        }
    }

    @Test("a statement whose time was over before it was sent leaves its connection in order") func overBeforeSent() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            await #expect { try await connection.query("SELECT 1", deadline: .zero) } throws: { ($0 as? PostgresError)?.code == .timedOut }
            #expect(try await connection.query("SELECT 1").count == 1)
        }
    }

    @Test("a session has the limits that end what its client forgot") func session() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            for (setting, value) in [
                ("statement_timeout", "30s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s"), ("TimeZone", "UTC"),
                ("application_name", "tests"), ("client_encoding", "UTF8"),
            ] {
                #expect(try await connection.query("SELECT current_setting(\(setting)) AS value").first?["value"] == value)
            }
        }
    }

    @Test("a server that has become read-only is left") func readOnly() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let connection = try await PostgresConnection.open(configuration)
            try await connection.execute("SET default_transaction_read_only = on")
            await #expect { try await connection.query("CREATE TABLE t (n int)") } throws: { error in
                (error as? PostgresError)?.sqlState == "25006" && (error as? PostgresError)?.isUnavailable == true
            }
            await #expect { try await connection.query("SELECT 1") } throws: { ($0 as? PostgresError)?.code == .closed }
        }
    }
}
