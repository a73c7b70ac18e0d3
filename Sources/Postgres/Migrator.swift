/// Brings a database to the schema of this program: in one transaction, so that a failure leaves nothing, and under an advisory lock, so that
/// several starters at once are safe. The table `schema_files` has what was applied.
///
/// A database with a migration that this program does not know belongs to a newer one, and is left as it is, functions included.
package struct Migrator: Sendable {
    /// Any number that nothing else in the database locks ("store").
    private static let lock: Int64 = 0x73_74_6f_72_65
    /// A lock was not given in time, or two waited for each other.
    private static let transient = ["55P03", "40P01"]

    private let files: [SchemaFile]

    package init(_ files: [SchemaFile]) {
        self.files = SchemaFile.Kind.allCases.flatMap { kind in files.filter { $0.kind == kind }.sorted { $0.name < $1.name } }
    }

    /// Returns the paths of the files that it applied.
    ///
    /// Throws `.migration` when a migration that was applied reads differently now, when the database has migrations of another program while
    /// some of this one's are missing, and when it is from before the first release.
    package func migrate(using pool: PostgresPool, deadline: Duration = .seconds(300)) async throws(PostgresError) -> [String] {
        let end = ContinuousClock.now + deadline
        while true {
            do throws(PostgresError) {
                return try await pool.withTransaction { transaction throws(PostgresError) in try await apply(in: transaction, until: end) }
            } catch  where Self.transient.contains(error.sqlState ?? "") && ContinuousClock.now < end {
                do { try await Task.sleep(for: .milliseconds(500)) } catch {
                    throw PostgresError(code: .cancelled, message: "cancelled while a migration waited for a table")
                }
            }
        }
    }

    /// The paths of the files that `migrate` would apply. Throws as it does.
    package func pending(using pool: PostgresPool) async throws(PostgresError) -> [String] {
        try await pending(applied(to: pool)).map(\.path)
    }

    private func apply(
        in transaction: PostgresTransaction,
        until end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [String] {
        try await transaction.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        _ = try await transaction.query("SELECT pg_advisory_xact_lock(\(Self.lock))", deadline: end - .now)
        // Statements that come while a migration waits for a table wait behind it. So it gives up soon, lets them pass, and tries again.
        try await transaction.execute(
            """
            SET LOCAL lock_timeout = '2s';
            CREATE TABLE IF NOT EXISTS schema_files (
                path text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
            """
        )
        let pending = try await pending(applied(to: transaction))
        for file in pending {
            try await transaction.execute(file.sql, deadline: end - .now)
            _ = try await transaction.query(
                """
                INSERT INTO schema_files (path, checksum) VALUES (\(file.path), \(file.checksum))
                ON CONFLICT (path) DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at
                """
            )
        }
        return pending.map(\.path)
    }

    /// Checksums by path. Throws for a database of before the first release, whose record is the table `schema_migrations`.
    private func applied(to database: some PostgresExecutor) async throws(PostgresError) -> [String: String] {
        let tables = try await database.query(
            "SELECT to_regclass('schema_files') IS NOT NULL AS new, to_regclass('schema_migrations') IS NOT NULL AS old"
        )
        let (isNew, isOld): (Bool?, Bool?) = (try tables.first?["new"], try tables.first?["old"])
        var applied: [String: String] = [:]
        if isNew == true {
            for row in try await database.query("SELECT path, checksum FROM schema_files") {
                applied[try row["path"]] = try row["checksum"]
            }
        }
        guard !applied.isEmpty || isOld != true else {
            throw PostgresError(
                code: .migration,
                message: """
                    this database was made by a version of Store Weaver before its first release, whose schema cannot be upgraded. Create an \
                    empty database, set DATABASE_URL to it, run storectl migrate, and adopt the stores that run: storectl orphans adopt
                    """
            )
        }
        return applied
    }

    private func pending(_ applied: [String: String]) throws(PostgresError) -> [SchemaFile] {
        let pending = files.filter { applied[$0.path] != $0.checksum }
        if let changed = pending.first(where: { $0.kind == .migration && applied[$0.path] != nil }) {
            throw PostgresError(code: .migration, message: "migration \(changed.name) was applied, but its text is another one now")
        }
        let known = Set(files.map(\.path))
        guard let other = applied.keys.first(where: { $0.hasPrefix("tables/") && !known.contains($0) }) else { return pending }
        guard let migration = pending.first(where: { $0.kind == .migration }) else { return [] }
        throw PostgresError(
            code: .migration,
            message: "the database has \(other), which this program does not know, and lacks \(migration.path)"
        )
    }
}
