import StoreDomain
import JobDispatch
import ArgumentParser
import Foundation
import JobQueue
import StoreRecords

/// What waits and what runs.
struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what waits and what runs: by kind, class and state, with the oldest's age, and by user.",
        subcommands: [Show.self, Watch.self, Hours.self],
        defaultSubcommand: Show.self
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the queue once.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Session.run { session in try await QueueReport(session).show(json: output.json) }
        }
    }

    struct Hours: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what became of jobs in each hour of the last seven days, and how many waited and ran at most."
        )
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let table = Table<QueueHour>(columns: [
                .init("at", "HOUR") { .time($0.at) }, .init("succeeded", "SUCCEEDED") { .number($0.succeeded) },
                .init("failed", "FAILED") { .number($0.failed) }, .init("cancelled", "CANCELLED") { .number($0.cancelled) },
                .init("mostQueued", "MOST QUEUED") { .number($0.mostQueued) },
                .init("mostRunning", "MOST RUNNING") { .number($0.mostRunning) },
            ])
            try await Session.run { session in
                table.show(try await session.records.queueHours(), json: output.json, nothing: "No worker has counted yet.")
            }
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Watch the queue.")
        @OptionGroup var output: OutputOptions

        @Option(help: "Refresh interval in seconds, 1 to 3600.")
        var interval = 1

        @Option(help: "How many looks; without it, until Ctrl-C.")
        var times: Int?

        func validate() throws {
            guard (1...3_600).contains(interval) else { throw ValidationError("--interval must be 1 to 3600") }
            if let times, times < 1 { throw ValidationError("--times must be at least 1") }
        }

        func run() async throws {
            try await Session.run { session in
                var looks = 0
                while times.map({ looks < $0 }) ?? true {
                    if looks > 0 { try await Task.sleep(for: .seconds(interval)) }
                    let report = try await QueueReport(session)
                    // A terminal is cleared, a file is appended to.
                    if !output.json, isatty(STDOUT_FILENO) == 1 { print("\u{1b}[H\u{1b}[2J", terminator: "") }
                    if !output.json { print(Date().formatted(.iso8601)) }
                    report.show(json: output.json)
                    fflush(nil)
                    looks += 1
                }
            }
        }
    }
}

/// The queue at one moment, by PostgreSQL's word and Redis's.
private struct QueueReport {
    let summary: QueueSummary
    /// `nil`: Redis is away.
    let depth: QueueDepth?
    let now = Date()

    init(_ session: Session) async throws {
        summary = try await session.records.queueSummary()
        do { depth = try await session.queue.depth() } catch { depth = nil }
    }

    func show(json: Bool) {
        if json { return print(value.json) }
        if let pause = summary.pause { print("PAUSED since \(Value(pause.at).plain) by \(pause.by): \(pause.reason)\n") }
        lines.show(summary.lines, json: false, nothing: "Nothing waits and nothing runs.")
        if !summary.users.isEmpty {
            print("")
            users.show(summary.users, json: false, nothing: "")
        }
        print("\nDead letters: \(summary.dead)")
        if let depth {
            let running = "\(depth.running) running (\(depth.interactive) interactive, \(depth.background) background)"
            print("In Redis: \(depth.ready) ready, \(depth.delayed) delayed, \(running), \(depth.dead) dead")
            if depth.apart > 0 { print("\(depth.apart) of kinds that a worker did not know wait for workers of a newer version.") }
        } else {
            print("Redis does not answer.")
        }
    }

    private var value: Value {
        .object([
            (
                "paused",
                summary.pause.map { .object([("at", .time($0.at)), ("by", .text($0.by)), ("reason", .text($0.reason))]) } ?? .missing
            ),
            ("living", .list(summary.lines.map(lines.object))), ("users", .list(summary.users.map(users.object))),
            ("dead", .number(summary.dead)),
            (
                "redis",
                depth.map {
                    .object([
                        ("ready", .number($0.ready)), ("delayed", .number($0.delayed)), ("running", .number($0.running)),
                        ("provisioning", .number($0.interactive)), ("background", .number($0.background)),
                        ("apart", .number($0.apart)), ("dead", .number($0.dead)),
                    ])
                } ?? .missing
            ),
        ])
    }

    private var lines: Table<QueueSummary.Line> {
        Table(columns: [
            .init("kind", "KIND") { .text($0.kind.rawValue) }, .init("class", "CLASS") { .text($0.jobClass.name) },
            .init("state", "STATE") { .text($0.state.rawValue) },
            .init("count", "COUNT") { .number($0.count) },
            .init("oldestSeconds", "OLDEST (S)") { .number(max(0, Int(now.timeIntervalSince($0.oldest)))) },
        ])
    }

    private var users: Table<QueueSummary.User> {
        Table(columns: [
            .init("user", "USER") { Value($0.user) }, .init("queued", "QUEUED") { .number($0.queued) },
            .init("running", "RUNNING") { .number($0.running) },
        ])
    }
}

/// `storectl pause`.
struct PauseQueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pause", abstract: "Let no job begin until resume; what runs goes on.")
    @OptionGroup var output: OutputOptions
    @OptionGroup var order: OperatorOptions

    @Option(help: "Why, for everybody to read.")
    var reason: String

    func validate() throws {
        guard (1...500).contains(reason.count) else { throw ValidationError("--reason must have 1 to 500 characters") }
    }

    func run() async throws {
        try await Session.run { try await $0.operations.pause(by: order.actor(), reason: reason) }
        output.say("Queue paused until storectl resume. Running jobs continue.", ("paused", .flag(true)))
    }
}

/// `storectl resume`.
struct ResumeQueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let jobs begin again.")
    @OptionGroup var output: OutputOptions
    @OptionGroup var order: OperatorOptions

    func run() async throws {
        try await Session.run { session in
            guard try await session.operations.resume(by: order.actor()) else { throw Refusal("The queue was not paused.") }
        }
        output.say("The queue is resumed.", ("paused", .flag(false)))
    }
}
