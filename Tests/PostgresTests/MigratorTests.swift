import Postgres
import Testing
import TestSupport

@Suite struct MigratorTests {
    private static let migrations = [
        Migration(version: 1, name: "0001_one", sql: "CREATE TABLE one (n int); INSERT INTO one VALUES (1)"),
        Migration(version: 2, name: "0002_two", sql: "INSERT INTO one VALUES (2)"),
    ]

    @Test("several starters at once apply each migration once") func concurrent() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let pool = PostgresPool(configuration: configuration)
                        let names = try await Migrator(Self.migrations).migrate(using: pool)
                        await pool.close()
                        return names
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["0001_one", "0002_two"])
            let pool = PostgresPool(configuration: configuration)
            #expect(try await pool.query("SELECT n FROM one").count == 2)
            await pool.close()
        }
    }

    @Test("a migration that fails leaves nothing, and the ones before it stay") func failure() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            let broken = Self.migrations + [Migration(version: 3, name: "0003_broken", sql: "INSERT INTO one VALUES (3); SELECT broken")]
            await #expect { _ = try await Migrator(broken).migrate(using: pool) } throws: { ($0 as? PostgresError)?.sqlState == "42703" }
            #expect(try await pool.query("SELECT n FROM one").count == 2)
            #expect(try await pool.query("SELECT version FROM schema_migrations").count == 2)
            await pool.close()
        }
    }

    @Test("a migration that has to wait for a table lets others pass, and comes again") func waits() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            _ = try await Migrator(Self.migrations).migrate(using: pool)
            let column = Self.migrations + [Migration(version: 3, name: "0003_column", sql: "ALTER TABLE one ADD COLUMN m int")]
            try await pool.withConnection { dump throws(PostgresError) in
                try await dump.execute("BEGIN; SELECT n FROM one")
                async let applied = Migrator(column).migrate(using: pool)
                // Who waits for a lock for 5 s fails, and nobody commits here meanwhile.
                for _ in 0..<3 {
                    try? await Task.sleep(for: .milliseconds(500))
                    #expect(try await pool.query("SELECT n FROM one").count == 2)
                }
                try await dump.execute("COMMIT")
                let names: [String]
                do { names = try await applied } catch { throw PostgresError(code: .migration, message: "\(error)") }
                #expect(names == ["0003_column"])
            }
            #expect(try await pool.query("SELECT m FROM one").count == 2)
            await pool.close()
        }
    }

    @Test("a migration whose text changed after it was applied is refused") func changed() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            _ = try await Migrator(Self.migrations).migrate(using: pool)
            let changed = [Migration(version: 1, name: "0001_one", sql: "CREATE TABLE one (n bigint)")]
            await #expect { _ = try await Migrator(changed).migrate(using: pool) } throws: { ($0 as? PostgresError)?.code == .migration }
            await pool.close()
        }
    }

    @Test("two migrations of one number are refused") func sameNumber() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            let twice = Self.migrations + [Migration(version: 2, name: "0002_other", sql: "SELECT 1")]
            await #expect { _ = try await Migrator(twice).migrate(using: pool) } throws: { ($0 as? PostgresError)?.code == .migration }
            #expect(try await pool.query("SELECT to_regclass('one') IS NULL AS untouched").first?["untouched"] == true)
            await pool.close()
        }
    }
}
