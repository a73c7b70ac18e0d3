package import Foundation
import Postgres

/// What `storectl doctor` asks of the database.
extension StoreRecords {
    /// Throws where PostgreSQL cannot write a few MiB: a full disk answers everything that needs no room. Sorts more than it may in memory, which takes
    /// no rights and leaves nothing.
    package func checkRoom() async throws {
        try await pool.withConnection { connection throws(PostgresError) in
            try await connection.execute(
                """
                BEGIN; SET LOCAL work_mem = '64kB';
                SELECT count(*) FROM (SELECT md5(n::text) AS word FROM generate_series(1, 50000) n ORDER BY word) AS sorted;
                COMMIT
                """
            )
        }
    }

    /// PostgreSQL's clock.
    package func clock() async throws -> Date? {
        try await pool.query("SELECT clock_timestamp() AS now", deadline: .seconds(2)).first?["now"]
    }
}
