import JobQueue
import JobDispatch
import ArgumentParser
import StoreDomain
import StoreRecords

/// Jobs, one by one.
struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, explain, cancel, runNow, replay and purge jobs.",
        subcommands: [List.self, Show.self, Cancel.self, Retry.self, Replay.self, Purge.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")
        @OptionGroup var output: OutputOptions

        @Option(help: "Only in this state: queued, running, succeeded, failed or cancelled.")
        var state: JobState?
        @Option(help: "Only of this kind: provision, retry, delete or apply.")
        var kind: JobKind?
        @Option(help: "Only of this store.")
        var store: StoreID?
        @Option(help: "Only of this user's stores.")
        var user: UserID?
        @Option(help: "Only those that this worker runs.")
        var worker: String?
        @Option(help: "Only those before this job: the last one of the page before.")
        var before: JobID?
        @Option(help: "Maximum number of results, 1 to 500.")
        var limit = 100

        func validate() throws {
            guard (1...500).contains(limit) else { throw ValidationError("--limit must be 1 to 500") }
        }

        func run() async throws {
            let query = JobQuery(state: state, kind: kind, store: store, user: user, worker: worker, before: before, limit: limit)
            try await Session.run { session in
                Table.jobs.show(try await session.records.jobs(query), json: output.json, nothing: "There are no such jobs.")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Explain a job: where it is, why it waits, what became of it.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The job's number.") var job: JobID

        func run() async throws {
            try await Session.run { session in
                guard let (job, history) = try await session.records.job(job) else { throw Refusal("There is no job \(job).") }
                // Redis may be away: what PostgreSQL knows is shown all the same.
                let position = try? await session.queue.position(of: job.id)
                if output.json {
                    let place: Value =
                        position.map {
                            .object([
                                ("state", .text($0.state.rawValue)), ("ahead", Value($0.ahead)),
                                ("blockedBy", Value($0.blockedBy.map { Int($0.rawValue) })),
                            ])
                        } ?? .missing
                    let changes = Value.list(history.map(Table.changes.object))
                    return print(Value.object([("job", Table.jobs.object(job)), ("position", place), ("history", changes)]).json)
                }
                Table.jobs.show(job, json: false)
                if let position {
                    print("in Redis: \(position.state.rawValue)", terminator: "")
                    if let ahead = position.ahead { print(", \(ahead) before it", terminator: "") }
                    if let blocker = position.blockedBy { print(", its namespace is held by job \(blocker)", terminator: "") }
                    print("")
                } else {
                    print("not in Redis")
                }
                print("")
                Table.changes.show(history, json: false, nothing: "")
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancel a job; its store ends as failed with the reason.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The job's number.") var job: JobID
        @Option(help: "Why; the store's owner reads it.") var reason: String

        func validate() throws {
            guard (1...500).contains(reason.count) else { throw ValidationError("--reason must have 1 to 500 characters") }
        }

        func run() async throws {
            try await Session.run { session in
                switch try await session.operations.cancel(job, by: order.actor(), reason: reason) {
                case .cancelled:
                    output.say("Job \(job) is cancelled.", ("job", .number(Int(job.rawValue))), ("outcome", .text("cancelled")))
                case .asked:
                    output.say(
                        "Job \(job) runs; its worker is told to stop.",
                        ("job", .number(Int(job.rawValue))),
                        ("outcome", .text("asked"))
                    )
                case .over(let state): throw Refusal("Job \(job) is \(state.rawValue) already.")
                case .notFound: throw Refusal("There is no job \(job).")
                }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a job that waits after a failed attempt run now.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The job's number.") var job: JobID

        func run() async throws {
            try await Session.run { session in
                switch try await session.operations.runNow(job, by: order.actor()) {
                case .mayRunNow: output.say("Job \(job) may run now.", ("job", .number(Int(job.rawValue))))
                case .notWaiting: throw Refusal("Job \(job) does not wait for a later time; storectl jobs show \(job) tells how it is.")
                case .notFound: throw Refusal("There is no job \(job).")
                }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Queue what failed or was cancelled again, as a new job.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The job's number; it must be its store's newest.") var job: JobID

        func run() async throws {
            try await Session.run { session in
                switch try await session.operations.replay(job, by: order.actor()) {
                case .queued(let descriptor):
                    output.say(
                        "Job \(job) is queued again, as job \(descriptor.id).",
                        ("job", .number(Int(descriptor.id.rawValue))),
                        ("replays", .number(Int(job.rawValue)))
                    )
                case .notFailed: throw Refusal("Only a store's newest job can be replayed, once it failed or was cancelled.")
                case .notFound: throw Refusal("There is no job \(job).")
                }
            }
        }
    }

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget jobs that are over, with their history; each living store keeps its newest."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Option(help: "Only those that ended at least so many hours ago, from 1.") var olderThanHours: Int

        func validate() throws {
            guard (1...876_000).contains(olderThanHours) else { throw ValidationError("--older-than-hours must be 1 to 876000") }
        }

        func run() async throws {
            try await Session.run { session in
                let purged = try await session.operations.purgeJobs(olderThan: .seconds(olderThanHours * 3_600), by: order.actor())
                output.say("\(purged) jobs are forgotten.", ("purged", .number(purged)))
            }
        }
    }
}
