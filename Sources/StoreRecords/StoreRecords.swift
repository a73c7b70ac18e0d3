package import Postgres

/// Stores, jobs, events and history as rows of PostgreSQL, which is the truth.
///
/// Every method is one statement, so one round trip and one transaction.
package struct StoreRecords: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Runs what is asked for one request: its statements together have no more time than anybody waits for one. `since`: when the request
    /// began to wait for them.
    package func asOneRequest<Value>(since: ContinuousClock.Instant = .now, _ body: () async throws -> Value) async rethrows -> Value {
        try await pool.asOneRequest(since: since, body)
    }

    /// Throws unless PostgreSQL answers within the deadline, and for what it was out of within the last minute.
    package func ping(deadline: Duration = .seconds(2)) async throws {
        _ = try await pool.query("SELECT 1", deadline: deadline)
        if let shortage = pool.recentShortage { throw shortage }
    }

    /// Throws where the database can never serve, such as one of another encoding than UTF-8. One that is away may yet come.
    package func checkDatabase() async throws {
        do { try await ping() } catch let error as PostgresError where error.code == .configuration { throw error } catch {}
    }
}
