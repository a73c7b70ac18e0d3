import ArgumentParser
import Configuration
import Postgres
import Program
import StoreDomain
import StoreRecords

/// Brings the database's schema up to date; safe to run by several starters at once.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Apply the database migrations that are missing.")

    @OptionGroup var output: OutputOptions

    @Option(help: "Seconds to wait for a database that does not answer yet.")
    var wait = 0

    func validate() throws {
        guard (0...3_600).contains(wait) else { throw ValidationError("--wait must be 0 to 3600") }
    }

    func run() async throws {
        let settings = try ConfigReader.program()
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(
                url: settings.text("database.url", isSecret: true) ?? PlatformDefaults.databaseURL,
                applicationName: "storectl",
                poolSize: 1
            )
        )
        let applied: [String]
        do {
            applied = try await migrate(using: pool)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
        let sentence = applied.isEmpty ? "The schema is up to date." : applied.map { "Applied \($0)." }.joined(separator: "\n")
        output.say(sentence, ("applied", .list(applied.map(Value.text))))
    }

    /// Again and again while the database is away, which at the first start of a cluster it is.
    private func migrate(using pool: PostgresPool) async throws -> [String] {
        let end = ContinuousClock.now + .seconds(wait)
        while true {
            do {
                try await pool.refuseTransactionPooling()
                return try await StoreRecords.migrator.migrate(using: pool)
            } catch let error as PostgresError where error.isRetryable && ContinuousClock.now < end {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
