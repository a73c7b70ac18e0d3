import ArgumentParser
import Configuration
import JobDispatch
import Program
import Sealing
import StoreDomain
import StoreRecords

/// Backups of stores, whoever owns them.
struct Backups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, take and restore backups of stores, whoever owns them.",
        subcommands: [List.self, Take.self, Restore.self, Verify.self, Key.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a store's backups, newest first, also of one that is deleted.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                let backups = try await session.records.backups(of: store)
                if backups.isEmpty, try await !session.records.sees(store, nil) { throw Refusal("There is no store \(store).") }
                Table.backups.show(backups, json: output.json, nothing: "The store has no backups.")
            }
        }
    }

    struct Take: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Back a store up now.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                try await session.requireKeepers()
                let outcome = try await session.operations.backUp(store, by: order.actor())
                guard case .accepted(_, let backup, let descriptor) = outcome else { throw outcome.refusal(of: store) }
                output.say(
                    "Store \(store) is backed up as \(backup.id), by job \(descriptor.id).",
                    ("store", .text(store.rawValue)),
                    ("backup", .text(backup.id.rawValue)),
                    ("job", .number(Int(descriptor.id.rawValue)))
                )
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a store's data by a backup's.",
            discussion: """
                The store is backed up first, and answers its visitors with a page until it is restored. The backup is its own, or of a store \
                of the same owner and engine, also a deleted one.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "The backup's id, from storectl backups list.") var backup: BackupID

        func run() async throws {
            try await Session.run { session in
                try await session.requireKeepers()
                switch try await session.operations.restore(store, from: backup, by: order.actor()) {
                case .accepted(_, let descriptor):
                    output.say(
                        "Store \(store) is restored from \(backup), by job \(descriptor.id).",
                        ("store", .text(store.rawValue)),
                        ("backup", .text(backup.rawValue)),
                        ("job", .number(Int(descriptor.id.rawValue)))
                    )
                case .noBackup: throw Refusal("There is no backup \(backup) of a store of this owner and engine.")
                case .notDone: throw Refusal("Backup \(backup) is not done.")
                case .newerVersion(let taken):
                    throw Refusal(
                        "The backup is of version \(taken.chartVersion?.rawValue ?? "-"), newer than the store's: upgrade that first."
                    )
                case .busy: throw Refusal("The store is being changed: restore it once that is done.")
                case .notReady(let other): throw Refusal("\(other.restoreRefusal).")
                case .notFound: throw Refusal("There is no store \(store).")
                }
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Restore a backup as a test, into a hidden store.",
            discussion: "storectl backups list tells how it ended. The hidden store is removed then. One test runs at a time."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The backup's id, from storectl backups list.") var backup: BackupID

        func run() async throws {
            try await Session.run { session in
                try await session.requireKeepers()
                switch try await session.operations.verify(backup, by: order.actor()) {
                case .accepted(let store, let descriptor):
                    output.say(
                        "Backup \(backup) is restored as a test into the hidden store \(store.id), by job \(descriptor.id).",
                        ("backup", .text(backup.rawValue)),
                        ("store", .text(store.id.rawValue)),
                        ("job", .number(Int(descriptor.id.rawValue)))
                    )
                case .running: throw Refusal("Another backup is being tested: try again once that is done.")
                case .notDone: throw Refusal("Backup \(backup) is not done.")
                case .noBackup: throw Refusal("There is no backup \(backup) of a store that is there.")
                }
            }
        }
    }

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the password of a store's repository.",
            discussion: """
                With it and the storage, restic reads the store's backups without Store Weaver. It needs CREDENTIALS_KEYS, and each call is in the \
                audit. Whoever has it can read all that the store's customers left there.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id, also of one that is deleted.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                let seal = try session.seal()
                guard let sealed = try await session.records.backupKey(of: store) else {
                    throw Refusal("Store \(store) has no repository: no backup of it was begun, or it was purged.")
                }
                let password: String
                do { password = try seal.open(sealed, as: .backupKey, of: store) } catch {
                    try await session.records.audit(
                        order.actor(),
                        "backups.key",
                        target: store.rawValue,
                        detail: "it cannot be opened",
                        outcome: .refused
                    )
                    throw Refusal("The key of store \(store) cannot be opened: \(error)")
                }
                // First written down, then told.
                try await session.records.audit(order.actor(), "backups.key", target: store.rawValue)
                guard output.json else { return print(password) }
                print(Value.object([("store", .text(store.rawValue)), ("password", .text(password))]).json)
            }
        }
    }
}

extension BackupOutcome {
    /// Why none is taken.
    func refusal(of store: StoreID) -> Refusal {
        switch self {
        case .accepted(let found, _, _), .notReady(let found): Refusal("\(found.backupRefusal).")
        case .running(let backup): Refusal("Backup \(backup.id) of the store is running.")
        case .tooMany: Refusal("\(StoreRecords.manualBackupsPerDay) backups of the store were asked for within 24 hours.")
        case .notFound: Refusal("There is no store \(store).")
        }
    }
}

extension Session {
    /// Throws `Refusal` where no worker keeps backups.
    func requireKeepers() async throws {
        guard try await records.keepsBackups() else { throw Refusal("No worker keeps backups.") }
    }

    /// Throws `Refusal` where there are no keys.
    func seal() throws -> CredentialSeal {
        guard let seal = try CredentialSeal(setting: settings.text("credentials.keys", isSecret: true)) else {
            throw Refusal("CREDENTIALS_KEYS is not set.")
        }
        return seal
    }
}
