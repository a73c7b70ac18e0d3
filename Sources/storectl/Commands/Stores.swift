import ArgumentParser
import JobDispatch
import Program
import StoreDomain
import StoreRecords

/// Stores, whoever owns them.
struct Stores: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, change, retry, copy, delete and bring back stores, whoever owns them; read their logs.",
        subcommands: [
            List.self, Show.self, Logs.self, PodLogs.self, Sleep.self, Wake.self, Schedule.self, Upgrade.self, Pin.self, Unpin.self,
            Resize.self,
            Retry.self, Recreate.self, OpenAdmin.self, Clone.self, Delete.self, Deleted.self, Undelete.self,
        ]
    )

    enum Form: String, ExpressibleByArgument, CaseIterable { case wide }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List stores, newest first.")
        @OptionGroup var output: OutputOptions
        @Option(
            name: [.customShort("o"), .customLong("output")],
            help:
                "wide: also the plan, the chart's version, the generation and the applied one, whether it sleeps, and what is being changed."
        )
        var form: Form?
        @Option(help: "Only in this status: provisioning, ready, failed or deleting.") var status: StoreStatus?
        @Option(help: "Only of this engine: woocommerce or medusa.") var engine: Engine?
        @Option(help: "Only of this plan: small, medium or large.") var plan: StorePlan?
        @Option(help: "Only of this version of the chart.") var chart: ChartVersion?
        @Flag(help: "Only those that are asleep.") var asleep = false
        @Option(help: "Only of this owner.") var user: UserID?
        @Option(help: "Only those with this text in name, namespace, engine or status.") var text: String?
        @Option(help: "Maximum number of results, 1 to 10000.") var limit = 100

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            let query = StoreQuery(
                owner: user,
                statuses: Set([status].compactMap { $0 }),
                engines: Set([engine].compactMap { $0 }),
                plans: Set([plan].compactMap { $0 }),
                versions: Set([chart].compactMap { $0 }),
                isAsleep: asleep ? true : nil,
                text: text,
                limit: limit
            )
            try await Session.run { session in
                let table = form == .wide ? Table.wideStores : Table.stores
                table.show(try await session.records.list(query).stores, json: output.json, nothing: "There are no such stores.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a store and its attempts.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                guard let found = try await session.records.store(store, visibleTo: nil) else {
                    throw Refusal("There is no store \(store).")
                }
                let attempts = try await session.records.attempts(of: store, visibleTo: nil) ?? []
                if output.json {
                    let list = Value.list(attempts.map(Table.attempts.object))
                    return print(Value.object([("store", Table.stores.object(found)), ("attempts", list)]).json)
                }
                Table.stores.show(found, json: false)
                print("")
                Table.attempts.show(attempts, json: false, nothing: "No attempt was made yet.")
            }
        }
    }

    struct Logs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print a store's build log: what workers and Helm said.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Option(help: "Only of this attempt, by its number in storectl stores show.") var attempt: Int64?
        @Flag(name: .shortAndLong, help: "Follow the log until Ctrl-C.") var follow = false

        func run() async throws {
            try await Session.run { session in
                guard try await session.records.sees(store, nil) else { throw Refusal("There is no store \(store).") }
                var last: Int64 = 0
                while true {
                    let lines = try await session.records.buildLog(of: store, attempt: attempt, after: last, limit: 500)
                    for line in lines { show(line) }
                    last = lines.last?.id ?? last
                    if lines.count == 500 { continue }
                    guard follow else { return }
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }

        /// With `--json` an object a line, since the log may go on.
        private func show(_ line: BuildLine) {
            if output.json { return print(Table.buildLog.object(line).json) }
            let stage = line.stage.map { "[\($0.rawValue)] " } ?? ""
            let voice = line.source == .helm ? "helm: " : line.kind == .normal ? "" : "\(line.kind.rawValue): "
            print("\(Value(line.at).plain) \(line.attempt) \(stage)\(voice)\(line.text)")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Queue again what failed of a store or was not made, or make anew what was removed outside.",
            discussion:
                "A store whose namespace or volume is lost is not made anew, empty: see storectl backups restore and stores recreate."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Flag(help: "Let Helm set the fields that another manager has set.") var takeOver = false
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                let outcome = try await session.operations.retry(store, takeOver: takeOver, by: order.actor())
                try Stores.say(outcome, of: store, "retried", output)
            }
        }
    }

    struct Recreate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an empty store in place of one whose namespace or volume is lost.",
            discussion: "Nothing of what it had comes back, and it has new passwords. Where there is a backup: storectl backups restore."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Option(help: "The store's slug, as in its namespace: what it had is not brought back.") var confirm: String
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                guard let known = try await session.records.store(store, visibleTo: nil) else {
                    throw Refusal("There is no store \(store).")
                }
                guard confirm == known.namespace.slug else { throw Refusal("--confirm must be the store's slug, \(known.namespace.slug).") }
                try Stores.say(try await session.operations.recreate(store, by: order.actor()), of: store, "recreated, empty", output)
            }
        }
    }

    private static func say(_ outcome: RetryOutcome, of store: StoreID, _ done: String, _ output: OutputOptions) throws {
        switch outcome {
        case .accepted(_, let descriptor):
            output.say(
                "Store \(store) is \(done), by job \(descriptor.id).",
                ("store", .text(store.rawValue)),
                ("job", .number(Int(descriptor.id.rawValue)))
            )
        case .notFailed: throw Refusal("Only failed stores can be retried.")
        case .lost:
            throw Refusal(
                "Only failed stores can be retried. This store's data is lost: storectl backups restore, or storectl stores recreate, empty."
            )
        case .notLost: throw Refusal("Nothing of the store is lost: it is not recreated.")
        case .busy: throw Refusal("Another job of this store is at work: wait for it.")
        case .unitLimitReached(let used, let limit):
            throw Refusal("The plan is more than is left of the owner's units (\(used)/\(limit)).")
        case .notFound: throw Refusal("There is no store \(store).")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a store with all that it has.",
            discussion: """
                Where workers keep backups, a final one is taken first and kept for KEEP_DELETED_DAYS: storectl stores undelete brings the store back. \
                With --purge nothing is kept, also of a store that is being deleted or was.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Flag(help: "Keep nothing: no final backup is taken, and all backups go.") var purge = false
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                let days = try session.settings.keepDeletedDays()
                let isKept = try await session.records.keepsBackups(within: .days(1))
                let keeping = purge ? DeleteKeeping.nothing : .backups(days: days, final: isKept)
                switch try await session.operations.delete(store, keeping: keeping, by: order.actor()) {
                case .accepted(_, let descriptor, _):
                    output.say(
                        "Store \(store) is being deleted, by job \(descriptor.id).",
                        ("store", .text(store.rawValue)),
                        ("job", .number(Int(descriptor.id.rawValue)))
                    )
                case .alreadyDeleting: output.say("Store \(store) is being deleted already.", ("store", .text(store.rawValue)))
                case .purged: output.say("What was kept of store \(store) is removed.", ("store", .text(store.rawValue)))
                case .notFound: throw Refusal("There is no store \(store).")
                }
            }
        }
    }
}
