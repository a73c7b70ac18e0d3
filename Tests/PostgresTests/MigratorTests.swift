import Postgres
import Testing
import TestSupport

@Suite struct MigratorTests {
    private static let one = SchemaFile(kind: .migration, name: "0001_one", sql: "CREATE TABLE one (n int); INSERT INTO one VALUES (1)")
    private static let two = SchemaFile(kind: .migration, name: "0002_two", sql: "INSERT INTO one VALUES (2)")
    private static let files = [count(returning: "n"), two, one]

    /// A file with a function that needs the migrations, and comes before them in the list.
    private static func count(returning expression: String) -> SchemaFile {
        let sql = "CREATE OR REPLACE FUNCTION f() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(\(expression)) FROM one $$"
        return SchemaFile(kind: .functions, name: "count", sql: sql)
    }

    private func withPool(_ body: (PostgresPool) async throws -> Void) async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            try await body(pool)
            await pool.close()
        }
    }

    private func sum(_ pool: PostgresPool) async throws -> Int? { try await pool.query("SELECT f() AS sum").first?["sum"] }

    /// The text of the refusal; empty when there was none.
    private func refusal(of files: [SchemaFile], _ pool: PostgresPool) async -> String {
        do {
            _ = try await Migrator(files).migrate(using: pool)
            return ""
        } catch {
            return error.code == .migration ? error.message : "another error: \(error)"
        }
    }

    @Test("several starters at once apply each file once, migrations before functions") func concurrent() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let pool = PostgresPool(configuration: configuration)
                        let paths = try await Migrator(Self.files).migrate(using: pool)
                        await pool.close()
                        return paths
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == ["tables/0001_one", "tables/0002_two", "functions/count"])
            let pool = PostgresPool(configuration: configuration)
            #expect(try await sum(pool) == 3)
            #expect(try await Migrator(Self.files).pending(using: pool) == [])
            await pool.close()
        }
    }

    @Test("a file that fails leaves nothing of its run, and what was applied before stays") func failure() async throws {
        try await withPool { pool in
            _ = try await Migrator([Self.one]).migrate(using: pool)
            let broken = Self.files + [SchemaFile(kind: .functions, name: "zero", sql: "SELECT broken")]
            await #expect { _ = try await Migrator(broken).migrate(using: pool) } throws: { ($0 as? PostgresError)?.sqlState == "42703" }
            #expect(try await pool.query("SELECT n FROM one").count == 1)
            #expect(try await pool.query("SELECT path FROM schema_files").map { try $0["path"] as String } == ["tables/0001_one"])
            #expect(try await Migrator(broken).pending(using: pool) == ["tables/0002_two", "functions/count", "functions/zero"])
        }
    }

    @Test("a migration that has to wait for a table lets others pass, and tries again") func waits() async throws {
        try await withPool { pool in
            _ = try await Migrator(Self.files).migrate(using: pool)
            let column = Self.files + [SchemaFile(kind: .migration, name: "0003_column", sql: "ALTER TABLE one ADD COLUMN m int")]
            try await pool.withConnection { dump throws(PostgresError) in
                try await dump.execute("BEGIN; SELECT n FROM one")
                async let applied = Migrator(column).migrate(using: pool)
                // Who waits for a lock for 5 s fails, and nobody commits here meanwhile.
                for _ in 0..<3 {
                    try? await Task.sleep(for: .milliseconds(500))
                    #expect(try await pool.query("SELECT n FROM one").count == 2)
                }
                try await dump.execute("COMMIT")
                let paths: [String]
                do { paths = try await applied } catch { throw PostgresError(code: .migration, message: "\(error)") }
                #expect(paths == ["tables/0003_column"])
            }
            #expect(try await pool.query("SELECT m FROM one").count == 2)
        }
    }

    @Test("functions whose text changed are applied again, and no others") func functions() async throws {
        try await withPool { pool in
            let other = SchemaFile(kind: .functions, name: "other", sql: "INSERT INTO one VALUES (10)")
            _ = try await Migrator(Self.files + [other]).migrate(using: pool)
            let changed = [Self.one, Self.two, Self.count(returning: "2 * n"), other]
            #expect(try await Migrator(changed).pending(using: pool) == ["functions/count"])
            #expect(try await Migrator(changed).migrate(using: pool) == ["functions/count"])
            #expect(try await sum(pool) == 26)
            #expect(try await Migrator(changed).migrate(using: pool) == [])
        }
    }

    @Test("a migration whose text changed after it was applied is refused") func changed() async throws {
        try await withPool { pool in
            _ = try await Migrator(Self.files).migrate(using: pool)
            let changed = SchemaFile(kind: .migration, name: "0001_one", sql: "CREATE TABLE one (n bigint)")
            #expect(await refusal(of: [changed, Self.two], pool).contains("0001_one"))
        }
    }

    @Test("a program leaves the database of a newer one as it is, functions included") func newer() async throws {
        try await withPool { pool in
            _ = try await Migrator(Self.files).migrate(using: pool)
            let older = [Self.one, Self.count(returning: "0")]
            #expect(try await Migrator(older).pending(using: pool) == [])
            #expect(try await Migrator(older).migrate(using: pool) == [])
            #expect(try await sum(pool) == 3)
            let branch = [Self.one, SchemaFile(kind: .migration, name: "0002_other", sql: "SELECT 1")]
            #expect(await refusal(of: branch, pool).contains("tables/0002_two"))
        }
    }

    @Test("a database from before the first release is refused, with what to do") func beforeTheFirstRelease() async throws {
        try await withPool { pool in
            try await pool.query("CREATE TABLE schema_migrations (version int)")
            #expect(await refusal(of: Self.files, pool).contains("Create an empty database"))
            await #expect(throws: PostgresError.self) { _ = try await Migrator(Self.files).pending(using: pool) }
            #expect(try await pool.query("SELECT to_regclass('one') IS NULL AS untouched").first?["untouched"] == true)
        }
    }
}
