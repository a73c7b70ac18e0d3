import ArgumentParser
import Foundation
import StoreDomain
import StoreRecords

extension RolloutWaves: ExpressibleByArgument {}
extension SleepingPolicy: ExpressibleByArgument {}
extension RolloutMemberState: ExpressibleByArgument {}

/// Another version of their chart for many stores.
struct Rollouts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give many stores another version of their chart, in waves.",
        subcommands: [
            List.self, Create.self, Show.self, Members.self, Watch.self, Pause.self, Resume.self, Cancel.self, Retry.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List rollouts, the newest first.")
        @OptionGroup var output: OutputOptions
        @Option(help: "Maximum number of results, 1 to 500.") var limit = 50

        func validate() throws {
            guard (1...500).contains(limit) else { throw ValidationError("--limit must be 1 to 500") }
        }

        func run() async throws {
            try await Session.run { session in
                let rollouts = try await session.records.rollouts(limit: limit)
                Table.rollouts.show(rollouts, json: output.json, nothing: "No rollouts.")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin a rollout of a version that the workers have.",
            discussion: """
                Its stores are drawn now: those of the engine that are older and were ready once. A worker upgrades the canaries, then wave \
                after wave. More failed, kept or degraded stores than --max-failures halt it.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Option(help: "woocommerce or medusa.") var engine: Engine
        @Option(help: "The chart's version, e.g. 1.3.0.") var to: ChartVersion
        @Option(help: "Where each wave ends, e.g. 3,10%,100%; the last at 100%.") var waves = RolloutWaves.standard
        @Option(help: "The id of a store that begins before the first wave; may be repeated.") var canary: [StoreID] = []
        @Option(help: "How many stores are upgraded at once, 1 to 1000.") var batch = 5
        @Option(help: "How many stores may fail, be kept or be degraded before it halts.") var maxFailures = 2
        @Option(help: "For how many seconds an upgraded store is watched, 0 to 604800.") var soak = 1_800
        @Option(help: "What becomes of sleeping stores: upgrade or skip.") var sleeping = SleepingPolicy.upgrade
        @Flag(help: "Begin stores also outside ROLLOUT_WINDOW.") var anyHour = false
        @Flag(help: "Neither pins nor ROLLOUT_WINDOW hold it up, as for a security fix.") var urgent = false
        @Option(help: "Why, for everybody to read.") var reason: String?

        func validate() throws {
            guard RolloutOrder.batches.contains(batch) else { throw ValidationError("--batch must be 1 to 1000") }
            guard RolloutOrder.failures.contains(maxFailures) else { throw ValidationError("--max-failures must be 0 to 1000000") }
            guard RolloutOrder.soaks.contains(soak) else { throw ValidationError("--soak must be 0 to 604800") }
            guard canary.count <= RolloutOrder.mostCanaries, Set(canary).count == canary.count else {
                throw ValidationError("--canary may be given 100 times at most, each store once")
            }
            if let reason {
                guard reason.hasVisibleCharacter, reason.keepsItsLine, reason.count <= RolloutOrder.longestReason else {
                    throw ValidationError("--reason must be one line of 1 to 500 characters")
                }
            }
        }

        func run() async throws {
            let wanted = RolloutOrder(
                engine: engine,
                version: to,
                waves: waves,
                canaries: canary,
                batch: batch,
                maxFailures: maxFailures,
                soakSeconds: soak,
                respectsWindows: !anyHour,
                isUrgent: urgent,
                sleeping: sleeping,
                reason: reason
            )
            try await Session.run { session in
                switch try await session.records.createRollout(wanted, by: order.actor()) {
                case .created(let rollout):
                    let count = rollout.waves.reduce(0) { $0 + $1.total }
                    output.say(
                        "Rollout \(rollout.id) brings \(count) stores to \(engine.rawValue) \(to).",
                        ("rollout", .text(rollout.id.rawValue)),
                        ("stores", .number(count))
                    )
                case .noVersion:
                    let versions = try await session.records.charts().filter { $0.engine == engine }.map(\.version.rawValue)
                    throw Refusal(
                        "No worker has this version: there \(versions.isEmpty ? "is no worker" : "are \(versions.joined(separator: ", "))")."
                    )
                case .unfinished(let other): throw Refusal("Rollout \(other) of \(engine.rawValue) is not over.")
                case .noStores: throw Refusal("Every store of \(engine.rawValue) has version \(to) or a newer one.")
                case .noCanary(let store):
                    throw Refusal("\(store) is no store of \(engine.rawValue) that was ready once and has an older version.")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a rollout: its waves, and which stores went wrong and why.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID

        func run() async throws {
            try await Session.run { session in try await RolloutReport(rollout, session).show(json: output.json) }
        }
    }

    struct Members: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "stores", abstract: "List a rollout's stores, in their order.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID
        @Option(help: "Only those: waiting, running, soaking, done, kept, failed or skipped; may be repeated.") var state:
            [RolloutMemberState] = []
        @Option(help: "Maximum number of results, 1 to 10000.") var limit = 1_000

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            try await Session.run { session in
                guard let members = try await session.records.members(of: rollout, RolloutMemberQuery(states: state, limit: limit)) else {
                    throw Refusal("There is no rollout \(rollout).")
                }
                Table.members.show(members, json: output.json, nothing: "No stores.")
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Watch a rollout until it is over or halted.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID
        @Option(help: "Refresh interval in seconds, 1 to 3600.") var interval = 2

        func validate() throws {
            guard (1...3_600).contains(interval) else { throw ValidationError("--interval must be 1 to 3600") }
        }

        func run() async throws {
            try await Session.run { session in
                while true {
                    let report = try await RolloutReport(rollout, session)
                    if !output.json, isatty(STDOUT_FILENO) == 1 { print("\u{1b}[H\u{1b}[2J", terminator: "") }
                    report.show(json: output.json)
                    fflush(nil)
                    if report.rollout.state.isOver || report.rollout.state == .halted { return }
                    try await Task.sleep(for: .seconds(interval))
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let no store of a rollout begin; what runs goes on.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID

        func run() async throws { try await Rollouts.operate(rollout, .pause, "is paused", by: order, output: output) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a rollout that is paused or halted go on.",
            discussion: "What went wrong until now does not halt it again."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID

        func run() async throws { try await Rollouts.operate(rollout, .resume, "goes on", by: order, output: output) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a rollout: what waits is skipped, what runs goes on.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID

        func run() async throws { try await Rollouts.operate(rollout, .cancel, "is cancelled", by: order, output: output) }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try the stores of a rollout that failed or were kept again.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The rollout's id.") var rollout: RolloutID

        func run() async throws { try await Rollouts.operate(rollout, .retry, "tries again what failed", by: order, output: output) }
    }

    private static func operate(
        _ id: RolloutID,
        _ action: RolloutAction,
        _ done: String,
        by order: OperatorOptions,
        output: OutputOptions
    ) async throws {
        try await Session.run { session in
            switch try await session.records.operate(id, action, by: order.actor()) {
            case .accepted(let rollout):
                output.say("Rollout \(id) \(done).", ("rollout", .text(id.rawValue)), ("state", .text(rollout.state.rawValue)))
            case .unfit(let rollout): throw Refusal("Rollout \(id) is \(rollout.state.rawValue).")
            case .nothingFailed: throw Refusal("No store of rollout \(id) failed or was kept.")
            case .unfinished: throw Refusal("Another rollout of the engine is not over.")
            case .notFound: throw Refusal("There is no rollout \(id).")
            }
        }
    }
}
