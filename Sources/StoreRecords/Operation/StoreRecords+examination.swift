package import Foundation
import Postgres

/// What `storectl doctor` asks of the database.
extension StoreRecords {
    /// PostgreSQL's clock.
    package func clock() async throws -> Date? {
        try await pool.query("SELECT clock_timestamp() AS now", deadline: .seconds(2)).first?["now"]
    }
}
