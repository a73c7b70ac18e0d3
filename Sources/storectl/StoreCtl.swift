import ArgumentParser
import ThreadedIO

/// The operator's hand.
@main
struct StoreCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storectl",
        abstract: "Operates a Store Weaver installation.",
        discussion: "The database is DATABASE_URL's.",
        subcommands: [Migrate.self]
    )

    static func main() async {
        ignoreBrokenPipes()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}
