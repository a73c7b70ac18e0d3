import ArgumentParser
import Configuration
import Postgres
import StoreDomain
import StoreRecords

/// Brings the database's schema up to date; safe to run by several starters at once.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Apply the database migrations that are missing.")

    func run() async throws {
        let settings = ConfigReader(provider: EnvironmentVariablesProvider())
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(
                url: settings.string(forKey: "database.url", isSecret: true, default: PlatformDefaults.databaseURL),
                applicationName: "storectl",
                poolSize: 1
            )
        )
        let applied: [String]
        do {
            applied = try await Migrator(StoreRecords.migrations).migrate(using: pool)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
        print(applied.isEmpty ? "The schema is up to date." : applied.map { "Applied \($0)." }.joined(separator: "\n"))
    }
}
