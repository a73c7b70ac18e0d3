import ArgumentParser
import JobDispatch
import StoreDomain
import StoreRecords

/// Exports of stores, whoever owns them. Their owners fetch them.
struct Exports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List and make exports of stores, whoever owns them.",
        subcommands: [List.self, Take.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a store's exports, newest first.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                let exports = try await session.records.exports(of: store)
                if exports.isEmpty, try await !session.records.sees(store, nil) { throw Refusal("There is no store \(store).") }
                Table.exports.show(exports, json: output.json, nothing: "The store has no exports.")
            }
        }
    }

    struct Take: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make one file of a backup, which the store's owner fetches by the page.",
            discussion: "Without --backup it is the newest that is done, or one that is taken first where there is none."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Option(help: "The backup's id, from storectl backups list.") var backup: BackupID?

        func run() async throws {
            try await Session.run { session in
                try await session.requireKeepers()
                switch try await session.operations.export(store, backup: backup, by: order.actor()) {
                case .accepted(_, let export, let descriptor):
                    output.say(
                        "Backup \(export.backup) of store \(store) is exported as \(export.id), by job \(descriptor.id).",
                        ("store", .text(store.rawValue)),
                        ("export", .text(export.id.rawValue)),
                        ("backup", .text(export.backup.rawValue)),
                        ("job", .number(Int(descriptor.id.rawValue)))
                    )
                case .running: throw Refusal("A backup or an export of the store is running.")
                case .tooMany: throw Refusal("\(StoreRecords.exportsPerDay) exports of the store were asked for within 24 hours.")
                case .notReady(let found): throw Refusal("\(found.backupRefusal).")
                case .noBackup: throw Refusal("The store has no such backup.")
                case .notDone: throw Refusal("The backup is not done.")
                case .notFound: throw Refusal("There is no store \(store).")
                }
            }
        }
    }
}

/// Archives that people sent.
struct Imports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List archives that people sent to make stores of.", subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the archives that are still there, newest first.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Session.run { session in
                Table.imports.show(try await session.records.imports(of: nil), json: output.json, nothing: "There are no archives.")
            }
        }
    }
}
