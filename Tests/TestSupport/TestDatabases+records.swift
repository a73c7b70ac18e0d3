package import Postgres
package import StoreRecords

/// Lends connections to an empty, migrated database.
package func withPool(_ body: (PostgresPool) async throws -> Void) async throws {
    try await TestDatabases.withMigratedDatabase { configuration in
        let pool = PostgresPool(configuration: configuration)
        try await body(pool)
        await pool.close()
    }
}

/// The same with its records.
package func withRecords(_ body: (StoreRecords, PostgresPool) async throws -> Void) async throws {
    try await withPool { pool in try await body(StoreRecords(pool: pool), pool) }
}
