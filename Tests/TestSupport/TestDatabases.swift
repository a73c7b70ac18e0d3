import Foundation
package import Postgres
import StoreRecords

/// One PostgreSQL for the whole test process, with a database for each test.
package enum TestDatabases {
    private static let server = Task { try await PrivateServer.start(.postgres) }

    /// The template is migrated once; copying it takes tens of milliseconds.
    private static let template = Task {
        let name = "template_migrated"
        try await createDatabase(name, template: "template0")
        let pool = PostgresPool(configuration: try await configuration(of: name))
        _ = try await StoreRecords.migrator.migrate(using: pool)
        await pool.close()
        return name
    }

    /// Lends the address of an empty database.
    package static func withDatabase<Value: Sendable>(
        encoding: String = "UTF8",
        _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        try await lend(template: encoding == "UTF8" ? "template0" : "template0 ENCODING '\(encoding)' LOCALE 'C'", body)
    }

    /// Lends the address of a database with the whole schema and no rows.
    package static func withMigratedDatabase<Value: Sendable>(
        _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        try await lend(template: await template.value, body)
    }

    /// The address of the server's database `name`, for tests that need another pool size.
    package static func configuration(
        of name: String,
        poolSize: Int = 4,
        acquireTimeout: Duration = .seconds(10),
        host: String? = nil
    ) async throws -> PostgresConfiguration {
        let folder = if let host { host } else { try await server.value.folder }
        return try PostgresConfiguration(
            url: "postgresql://storeweaver@/\(name)?host=\(folder)",
            applicationName: "tests",
            poolSize: poolSize,
            acquireTimeout: acquireTimeout
        )
    }

    private static func lend<Value: Sendable>(
        template: String,
        _ body: (PostgresConfiguration) async throws -> Value
    ) async throws -> Value {
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        try await createDatabase(name, template: template)
        // The server goes with the process, and the databases with it.
        return try await body(configuration(of: name))
    }

    private static let creation = Places(1)

    private static func createDatabase(_ name: String, template: String) async throws {
        // Copying wants nobody connected to the template, nobody copying it at the same time included.
        try await creation.with {
            let connection = try await PostgresConnection.open(try await configuration(of: "postgres"))
            try await connection.execute("CREATE DATABASE \(name) TEMPLATE \(template)", deadline: .seconds(30))
            await connection.close()
        }
    }
}
