import ArgumentParser
import Foundation
import Sealing
import StoreDomain
import StoreRecords

extension Stores {
    struct OpenAdmin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "admin-session",
            abstract: "Print a link that opens a store's administration signed in.",
            discussion: "The link is good once and for a minute: whoever opens it is the store's administrator. It is in the audit."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                let seal = try session.seal()
                guard let found = try await session.records.store(store, visibleTo: nil) else {
                    throw Refusal("There is no store \(store).")
                }
                guard let sealed = try await session.records.sealedCredentials(of: store) else {
                    throw Refusal("Store \(store) has no credentials yet: they are made while it is installed.")
                }
                guard let credentials = try? seal.open(sealed, of: store) else {
                    throw Refusal("The credentials of store \(store) cannot be opened: CREDENTIALS_KEYS lacks the key \(sealed.key).")
                }
                let url: String
                do throws(AdminSession.Refusal) {
                    url = try AdminSession.url(of: found, credentials, now: Date())
                } catch {
                    throw Refusal(error.message + ".")
                }
                // First written down, then told.
                try await session.records.audit(order.actor(), AdminSession.action, target: store.rawValue)
                print(output.json ? Value.object([("url", .text(url))]).json : url)
            }
        }
    }
}
