import ArgumentParser
import Configuration
import Program
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
        let records = try StoreRecords(url: settings.databaseURL, program: "storectl", connections: 1)
        let applied: [String]
        do {
            applied = try await records.migrate(waiting: .seconds(wait))
        } catch {
            await records.close()
            throw error
        }
        await records.close()
        let sentence = applied.isEmpty ? "The schema is up to date." : applied.map { "Applied \($0)." }.joined(separator: "\n")
        output.say(sentence, ("applied", .list(applied.map(Value.text))))
    }
}
