import ArgumentParser
import Sealing
import StoreDomain
import StoreRecords

/// What is kept sealed: stores' credentials, and the passwords of their repositories.
struct Credentials: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the key that seals stores' credentials and the passwords of their backups.",
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
                let seal = try session.seal()
                let records = session.records
                try await records.audit(order.actor(), "credentials.rekey", detail: "to key \(seal.currentKey)")
                var done = Renewed()
                try await done.add(
                    reading: { try await records.sealedCredentials(notBy: seal.currentKey, after: $0, limit: 100) },
                    renewing: { try seal.seal(seal.open($0, of: $1), of: $1) },
                    writing: { try await records.replaceCredentials(of: $0, $1, by: $2) }
                )
                try await done.add(
                    reading: { try await records.sealedBackupKeys(notBy: seal.currentKey, after: $0, limit: 100) },
                    renewing: { try seal.seal(seal.open($0, as: .backupKey, of: $1), as: .backupKey, of: $1) },
                    writing: { try await records.replaceBackupKey(of: $0, $1, by: $2) }
                )
                // A certificate can be had again.
                try await records.dropCertificates(notBy: seal.currentKey)
                output.say(
                    "\(done.changed) are sealed with key \(seal.currentKey) now, \(done.failed.count) could not be opened.",
                    ("changed", .number(done.changed)),
                    ("failed", .list(done.failed.map(Value.text)))
                )
                if !done.failed.isEmpty { throw Outcome.findings }
            }
        }
    }

    /// How far a renewal is.
    private struct Renewed {
        var changed = 0
        var failed: [String] = []

        /// Everything of one kind that another key seals, batch by batch.
        mutating func add(
            reading batch: (StoreID?) async throws -> [(store: StoreID, sealed: SealedText)],
            renewing renewed: (SealedText, StoreID) throws -> SealedText,
            writing write: (StoreID, SealedText, SealedText) async throws -> Bool
        ) async throws {
            var last: StoreID?
            while true {
                let found = try await batch(last)
                for (store, sealed) in found {
                    last = store
                    do {
                        if try await write(store, sealed, renewed(sealed, store)) { changed += 1 }
                    } catch let failure as CredentialSeal.Failure {
                        failed.append("\(store): \(failure)")
                    }
                }
                if found.isEmpty { return }
            }
        }
    }
}
