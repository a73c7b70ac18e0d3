/// A numbered change of the schema.
package struct Migration: Sendable, Equatable {
    /// From 1, without gaps being required.
    package let version: Int
    package let name: String
    package let sql: String

    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }
}

/// Applies migrations in order, each in a transaction of its own, under an advisory lock: several starters at once are safe.
package struct Migrator: Sendable {
    /// Any number that nothing else in the database locks ("store").
    private static let lock: Int64 = 0x73_74_6f_72_65
    /// A lock was not given in time, or two waited for each other.
    private static let transient = ["55P03", "40P01"]

    private let migrations: [Migration]

    package init(_ migrations: [Migration]) {
        self.migrations = migrations.sorted { $0.version < $1.version }
    }

    /// Applies what is missing; the names of what it applied. Throws `.migration` when an applied file reads differently now,
    /// and when two have one number.
    package func migrate(using pool: PostgresPool, deadline: Duration = .seconds(300)) async throws(PostgresError) -> [String] {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.version == later.version {
            throw PostgresError(code: .migration, message: "migrations \(earlier.name) and \(later.name) have the same number")
        }
        return try await pool.withConnection { connection throws(PostgresError) in
            try await connection.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            _ = try await connection.query("SELECT pg_advisory_lock(\(Self.lock))", deadline: deadline)
            // The connection is closed afterwards: with it go the lock and the settings.
            do throws(PostgresError) {
                // Whoever comes while a migration waits for a table waits behind it. So it gives up soon, lets them pass, and comes again.
                try await connection.execute("SET lock_timeout = '2s'")
                let applied = try await apply(on: connection, deadline: deadline)
                await connection.close()
                return applied
            } catch {
                await connection.close()
                throw error
            }
        }
    }

    private func apply(on connection: PostgresConnection, deadline: Duration) async throws(PostgresError) -> [String] {
        try await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
            """
        )
        let end = ContinuousClock.now + deadline
        var applied: [String] = []
        for migration in migrations {
            let rows = try await connection.query(
                """
                SELECT (SELECT checksum FROM schema_migrations WHERE version = \(migration.version)) AS known,
                       encode(sha256(convert_to(\(migration.sql), 'UTF8')), 'hex') AS checksum
                """
            )
            guard let row = rows.first else { continue }
            let known: String? = try row["known"]
            let checksum: String = try row["checksum"]
            if let known {
                guard known == checksum else {
                    throw PostgresError(
                        code: .migration,
                        message: "migration \(migration.name) was applied, but its text is another one now"
                    )
                }
                continue
            }
            while try await !apply(migration, checksum: checksum, on: connection, until: end) {
                do { try await Task.sleep(for: .milliseconds(500)) } catch {
                    throw PostgresError(code: .cancelled, message: "cancelled while \(migration.name) waited for a table")
                }
            }
            applied.append(migration.name)
        }
        return applied
    }

    /// Whether it was applied; not, when what it has to lock was in use. Throws that, too, once the time is over.
    private func apply(
        _ migration: Migration,
        checksum: String,
        on connection: PostgresConnection,
        until end: ContinuousClock.Instant
    ) async throws(PostgresError) -> Bool {
        do throws(PostgresError) {
            try await connection.execute("BEGIN")
            try await connection.execute(migration.sql, deadline: end - .now)
            _ = try await connection.query(
                "INSERT INTO schema_migrations (version, name, checksum) VALUES (\(migration.version), \(migration.name), \(checksum))"
            )
            try await connection.execute("COMMIT")
            return true
        } catch {
            guard Self.transient.contains(error.sqlState ?? ""), ContinuousClock.now < end else { throw error }
            try await connection.execute("ROLLBACK")
            return false
        }
    }
}
