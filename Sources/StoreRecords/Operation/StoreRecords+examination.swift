package import Foundation
import Postgres

/// What `storectl doctor` asks of the database.
extension StoreRecords {
    /// The names of migrations that this program knows and the database does not have.
    package func missingMigrations() async throws -> [String] {
        let known = try Self.migrations
        guard try await pool.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS there").first?["there"] == true else {
            return known.map(\.name)
        }
        let applied = Set(try await pool.query("SELECT version FROM schema_migrations").map { try $0["version"] as Int })
        return known.filter { !applied.contains($0.version) }.map(\.name)
    }

    /// PostgreSQL's clock.
    package func clock() async throws -> Date? {
        try await pool.query("SELECT clock_timestamp() AS now", deadline: .seconds(2)).first?["now"]
    }
}
