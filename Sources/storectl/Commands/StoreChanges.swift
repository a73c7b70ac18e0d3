import ArgumentParser
import JobDispatch
import StoreDomain
import StoreRecords

// What makes a store's next generation.
extension Stores {
    struct Sleep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a store sleep: nothing of it runs, everything of it is kept.",
            discussion: "A sleeping store counts half of its plan's units. Its address answers with 503 until it is woken."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws { try await Stores.change(store, StoreChange(isAsleep: true), by: order, output: output) }
    }

    struct Wake: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Wake a sleeping store.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws { try await Stores.change(store, StoreChange(isAsleep: false), by: order, output: output) }
    }

    struct Schedule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a store sleep and wake by a schedule.",
            discussion: "It acts when a span of hours begins or ends, from the next time on; what is done by hand between holds until then."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "When it is awake, e.g. \"Mo-Fr 08:00-20:00 Europe/Berlin\".") var schedule: AwakeSchedule?
        @Flag(help: "It has no schedule any more, and stays as it is.") var clear = false

        func validate() throws {
            guard (schedule != nil) != clear else { throw ValidationError("Give either a schedule or --clear") }
        }

        func run() async throws {
            try await Stores.change(store, StoreChange(schedule: schedule.map { .set($0) } ?? .clear), by: order, output: output)
        }
    }

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a store another version of its chart, or make its values anew.",
            discussion: "A store keeps its version and its values until it is told otherwise here or by its owner."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Option(help: "The chart's version, e.g. 1.2.0; a worker must have it.") var to: ChartVersion?
        @Flag(help: "Make the chart's values anew from the worker's files and settings, also where the version stays.") var refresh = false

        func validate() throws {
            guard to != nil || refresh else { throw ValidationError("Say what is wanted by --to, --refresh or both") }
        }

        func run() async throws { try await Stores.change(store, StoreChange(version: to, readsFiles: refresh), by: order, output: output) }
    }

    struct Resize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a store another plan or larger volumes.",
            discussion: "Volumes grow where their storage class can, and never shrink. The plan changes behind one short restart."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Option(help: "small, medium or large.") var plan: StorePlan?
        @Option(help: "The size of the database's volume, e.g. 20Gi.") var database: VolumeSize?
        @Option(help: "The size of the volume of uploads, e.g. 20Gi.") var uploads: VolumeSize?

        func validate() throws {
            guard plan != nil || database != nil || uploads != nil else {
                throw ValidationError("Say what is wanted by --plan, --database or --uploads")
            }
        }

        func run() async throws {
            try await Stores.change(store, StoreChange(plan: plan, database: database, uploads: uploads), by: order, output: output)
        }
    }

    fileprivate static func change(_ store: StoreID, _ change: StoreChange, by order: OperatorOptions, output: OutputOptions) async throws {
        try await Session.run { session in
            switch try await session.operations.change(store, change, by: order.actor()) {
            case .accepted(let changed, let descriptor):
                output.say(
                    "Store \(store) is to be generation \(changed.generation), by job \(descriptor.id).",
                    ("store", .text(store.rawValue)),
                    ("generation", .number(Int(changed.generation))),
                    ("job", .number(Int(descriptor.id.rawValue)))
                )
            case .unchanged(let same):
                output.say(
                    "Store \(store) is so already.",
                    ("store", .text(store.rawValue)),
                    ("generation", .number(Int(same.generation))),
                    ("job", .missing)
                )
            case .scheduled(let changed):
                output.say(
                    changed.awakeSchedule.map { "Store \(store) is awake \($0), from the next change on." }
                        ?? "Store \(store) has no schedule any more.",
                    ("store", .text(store.rawValue)),
                    ("generation", .number(Int(changed.generation))),
                    ("job", .missing)
                )
            case .stale(let other): throw Refusal("The store's generation is \(other.generation).")
            case .notReady(let other): throw Refusal("\(other.changeRefusal).")
            case .smaller(let other, let field):
                let size = field == "storage.database" ? other.spec.database : other.spec.uploads
                throw Refusal("A volume cannot shrink: \(field) is \(size.map(\.description) ?? "larger") now.")
            case .unitLimitReached(let used, let limit):
                throw Refusal("Its owner has \(used) of \(limit) units: raise that by storectl users set-quota --units.")
            case .noVersion(let other):
                let versions = try await session.records.charts().filter { $0.engine == other.engine }.map(\.version.rawValue)
                throw Refusal(
                    "No worker has this version: there \(versions.isEmpty ? "is no worker" : "are \(versions.joined(separator: ", "))")."
                )
            case .blocked:
                throw Refusal(
                    "This version was tried in the store, which went back. To try it again: storectl stores upgrade \(store) --to V --refresh."
                )
            case .notFound: throw Refusal("There is no store \(store).")
            }
        }
    }
}
