import ArgumentParser
import JobDispatch
import Program
import StoreDomain
import StoreRecords

// Stores that are made of others' backups.
extension Stores {
    struct Clone: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make another store of a store's data, for the same owner.",
            discussion: "Without --backup one is taken first, and the copy waits for it."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "The copy's name.") var name: StoreName
        @Option(help: "The copy's address, e.g. acme-2; without it, of its name.") var slug: StoreSlug?
        @Option(help: "The backup that it is made of.") var backup: BackupID?
        @Flag(help: "It is a copy to try things on: it sends no mail and hides from search engines.") var staging = false

        func run() async throws {
            try await Session.run { session in
                try await session.requireKeepers()
                guard let source = try await session.records.store(store, visibleTo: nil) else {
                    throw Refusal("There is no store \(store).")
                }
                let outcome = try await session.copies().clone(
                    CloneOrder(of: source, name: name, slug: slug, backup: backup, isStaging: staging),
                    visibleTo: nil,
                    role: try await session.role(of: source.owner),
                    by: order.actor()
                )
                switch outcome {
                case .created(let created): try output.say(created, "A copy of store \(store) is made")
                case .noneTaken(let why): throw why.refusal(of: store)
                case .noBackup: throw Refusal("There is no such backup of a store of this owner and engine.")
                case .notDone(let backup): throw Refusal("Backup \(backup.id) is not done.")
                }
            }
        }
    }

    struct Deleted: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List deleted stores that can be brought back, last deleted first.")
        @OptionGroup var output: OutputOptions
        @Option(help: "Only of this owner.") var user: UserID?

        func run() async throws {
            try await Session.run { session in
                Table.deletedStores.show(
                    try await session.records.deletedStores(of: user),
                    json: output.json,
                    nothing: "Nothing is kept of deleted stores."
                )
            }
        }
    }

    struct Undelete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a deleted store back, as a new store of the same owner.",
            discussion: "It has the old name and, where that is free, the old address. Said again it answers with the same store."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The id that the store had, from storectl stores deleted.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                try await session.requireKeepers()
                let outcome = try await session.copies().undelete(store, visibleTo: nil, role: session.role, by: order.actor())
                switch outcome {
                case .created(let created): try output.say(created, "Store \(store) is brought back")
                case .broughtBack(let back):
                    output.say("It was brought back as store \(back.id).", ("store", .text(back.id.rawValue)), ("job", .missing))
                case .keptNoLonger: throw Refusal("The backups of store \(store) are kept no longer.")
                case .notFound: throw Refusal("Nothing is kept of a deleted store \(store).")
                }
            }
        }
    }
}

extension Session {
    fileprivate func copies() throws -> StoreCopies { operations.copies(reservedSlugs: try settings.reservedSlugs()) }

    fileprivate func role(of owner: UserID?) async throws -> Role {
        guard let owner else { return .user }
        return try await records.role(of: owner)
    }
}

extension OutputOptions {
    /// Says what became of a new store. Throws `Refusal` where there is none. `deed`: the beginning of the sentence.
    fileprivate func say(_ outcome: CreateOutcome, _ deed: String) throws {
        switch outcome {
        case .accepted(let store, let descriptor):
            say(
                "\(deed) as store \(store.id), by job \(descriptor.id).",
                ("store", .text(store.id.rawValue)),
                ("job", .number(Int(descriptor.id.rawValue)))
            )
        case .repeated(let store): say("\(deed) as store \(store.id).", ("store", .text(store.id.rawValue)), ("job", .missing))
        case .slugTaken: throw Refusal("The address is taken.")
        case .broughtBack: throw Refusal("The store is being brought back already.")
        case .noBackup: throw Refusal("The backup is not kept any more.")
        case .userLimitReached(let used, let limit): throw Refusal("The owner has \(used) of \(limit) stores.")
        case .unitLimitReached(let used, let limit):
            throw Refusal("The plan is more than is left of the owner's units (\(used)/\(limit)).")
        case .totalLimitReached, .keyReused: throw Refusal("It is refused.")
        }
    }
}
