import ArgumentParser
import Configuration
import Foundation
import Program
import Sealing
import StoreDomain
import StoreRecords

/// Stores' credentials as they are kept. They are never shown here: that is the owner's.
struct Credentials: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the key that seals stores' credentials.",
        subcommands: [Rekey.self]
    )

    struct Rekey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal everything anew with the first of CREDENTIALS_KEYS.",
            discussion: """
                Put the new key first in CREDENTIALS_KEYS of the API, the workers and here, the old one after it; run this; then drop the \
                old one. It can be run again at any time, and while stores are installed.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions

        func run() async throws {
            try await Session.run { session in
                guard let seal = try CredentialSeal(setting: session.settings.text("credentials.keys", isSecret: true)) else {
                    throw Refusal("CREDENTIALS_KEYS is not set.")
                }
                try await session.records.audit(order.actor(), "credentials.rekey", detail: "to key \(seal.currentKey)")
                var (changed, failed, last) = (0, [String](), nil as StoreID?)
                while true {
                    let batch = try await session.records.sealedCredentials(notBy: seal.currentKey, after: last, limit: 100)
                    for (store, sealed) in batch {
                        last = store
                        do {
                            let renewed = try seal.seal(seal.open(sealed, of: store), of: store)
                            if try await session.records.replaceCredentials(of: store, sealed, by: renewed) { changed += 1 }
                        } catch let failure as CredentialSeal.Failure {
                            failed.append("\(store): \(failure)")
                        }
                    }
                    if batch.isEmpty { break }
                }
                output.say(
                    "\(changed) are sealed with key \(seal.currentKey) now, \(failed.count) could not be opened.",
                    ("changed", .number(changed)),
                    ("failed", .list(failed.map(Value.text)))
                )
                if !failed.isEmpty { throw Outcome.findings }
            }
        }
    }
}
