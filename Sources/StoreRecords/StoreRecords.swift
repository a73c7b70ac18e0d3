import Foundation
package import Postgres
import StoreDomain

/// Stores, jobs, events and history as rows of PostgreSQL, which is the truth.
///
/// Every method is one statement, so one round trip and one transaction.
package struct StoreRecords: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// The numbered SQL files of `Migrations/`, in order.
    package static var migrations: [Migration] {
        get throws {
            guard let folder = Bundle.module.url(forResource: "Migrations", withExtension: nil) else {
                throw StoreRecordsError(code: .migrationsMissing, message: "the folder of SQL migrations is missing beside the executable")
            }
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "sql" }
                .map { file in
                    let name = file.deletingPathExtension().lastPathComponent
                    guard let version = Int(name.prefix { $0.isNumber }) else {
                        throw StoreRecordsError(code: .migrationsMissing, message: "migration \(name) has no number")
                    }
                    return Migration(version: version, name: name, sql: try String(contentsOf: file, encoding: .utf8))
                }
                .sorted { $0.version < $1.version }
        }
    }

    /// Runs what is asked for one request: its statements together have no more time than anybody waits for one.
    package func asOneRequest<Value>(_ body: () async throws -> Value) async rethrows -> Value { try await pool.asOneRequest(body) }

    /// Throws unless PostgreSQL answers within the deadline, and for what it was out of within the last minute.
    package func ping(deadline: Duration = .seconds(2)) async throws {
        _ = try await pool.query("SELECT 1", deadline: deadline)
        if let shortage = pool.recentShortage { throw shortage }
    }

    /// Throws where the database can never serve, such as one of another encoding than UTF-8. One that is away may yet come.
    package func checkDatabase() async throws {
        do { try await ping() } catch let error as PostgresError where error.code == .configuration { throw error } catch {}
    }

    /// Whether the newest migration that this program knows is applied. A newer schema is current, too: programs roll one by one.
    package func schemaIsCurrent() async throws -> Bool {
        let newest = try Self.migrations.last?.version ?? 0
        guard try await pool.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS there").first?["there"] == true else {
            return false
        }
        let applied: Int? = try await pool.query("SELECT max(version) AS version FROM schema_migrations").first?["version"]
        return (applied ?? 0) >= newest
    }
}
