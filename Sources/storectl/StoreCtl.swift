import ArgumentParser
import Foundation
import ThreadedIO

/// The operator's hand.
@main
struct StoreCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storectl",
        abstract: "Operates a Store Weaver installation.",
        discussion: """
            It finds the servers by the settings of the API and the workers: DATABASE_URL, REDIS_URL, KUBECONFIG, SECRETS_DIR.
            It ends with 0 when all is done, 1 when a server or a setting failed, 2 when what was asked for is not possible,
            3 when doctor or fsck found something, 64 when it was called wrongly.
            """,
        subcommands: [
            Migrate.self, Queue.self, Jobs.self, Locks.self, Workers.self, Capacity.self, PauseQueue.self, ResumeQueue.self, Drain.self,
            Incidents.self,
            Stores.self,
            Backups.self, Domains.self, Members.self, Exports.self, Imports.self, Recover.self, Escrow.self, Platform.self, Users.self,
            Credentials.self,
            Orphans.self, Rollouts.self, Usage.self, Channels.self, Doctor.self, Fsck.self, Audit.self,
        ]
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
            end(.success)
        } catch let refusal as Refusal {
            complain("\(refusal)")
            end(Outcome.refused)
        } catch let code as ExitCode {
            end(code)
        } catch  where error is CleanExit || error is ValidationError || exitCode(for: error) != .failure {
            exit(withError: error)
        } catch {
            complain("\(error)")
            end(Outcome.failed)
        }
    }

    private static func end(_ code: ExitCode) -> Never { endProcess(code.rawValue) }

    private static func complain(_ text: String) { FileHandle.standardError.write(Data("storectl: \(text)\n".utf8)) }
}
