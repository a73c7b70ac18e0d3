import Foundation
package import Postgres

/// The database's schema: the SQL files of `Schema/`.
extension StoreRecords {
    /// Throws `.schemaMissing` where the files are not beside the executable.
    package static var migrator: Migrator { get throws { Migrator(try schema.get()) } }

    /// Read once.
    package static let schema = Result<[SchemaFile], any Error> {
        guard let folder = Bundle.module.url(forResource: "Schema", withExtension: nil) else {
            throw StoreRecordsError(code: .schemaMissing, message: "the folder of the schema's SQL files is missing beside the executable")
        }
        return try SchemaFile.Kind.allCases.flatMap { kind in
            try FileManager.default.contentsOfDirectory(at: folder.appending(path: kind.rawValue), includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "sql" }
                .map { file in
                    let name = file.deletingPathExtension().lastPathComponent
                    return SchemaFile(kind: kind, name: name, sql: try String(contentsOf: file, encoding: .utf8))
                }
        }
    }

    /// Whether everything that this program needs is applied. A newer schema is current, too, since programs are replaced one by one; so
    /// functions count by their file's name and not by its text.
    package func schemaIsCurrent() async throws -> Bool {
        guard try await pool.query("SELECT to_regclass('schema_files') IS NOT NULL AS there").first?["there"] == true else { return false }
        let paths = try Self.schema.get().map(\.path)
        return try await pool.query("SELECT count(*) = \(paths.count) AS complete FROM schema_files WHERE path = ANY (\(paths)::text[])")
            .first?["complete"] == true
    }

    /// The files that `storectl migrate` would apply. Throws for a database that it refuses.
    package func pendingSchemaFiles() async throws -> [String] { try await Self.migrator.pending(using: pool) }

    /// Applies them, again and again for `wait` while the database is away, which at the first start of a cluster it is. Returns their paths.
    package func migrate(waiting wait: Duration) async throws -> [String] {
        let end = ContinuousClock.now + wait
        while true {
            do {
                try await pool.refuseTransactionPooling()
                return try await Self.migrator.migrate(using: pool)
            } catch let error as PostgresError where error.isRetryable && ContinuousClock.now < end {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
