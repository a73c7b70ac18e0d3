import StoreDomain
import JobDispatch
import ArgumentParser
import StoreRecords

/// `storectl locks`.
struct Locks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the namespaces that are held, the overdue first; an overdue one is taken over by the next sweep."
    )
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            Table.locks.show(try await session.records.heldNamespaces(), json: output.json, nothing: "No namespace is held.")
        }
    }
}

/// `storectl workers`.
struct Workers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the workers that reported within the last day.")
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            Table.workers.show(try await session.records.workers(), json: output.json, nothing: "No worker reported within a day.")
        }
    }
}

/// `storectl capacity`.
struct Capacity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the cluster's nodes can bear, what is reserved of it, and how many more stores of each plan fit."
    )
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Session.run { session in
            guard let seen = try await session.records.capacity() else {
                throw Refusal("No worker has seen the nodes yet; storectl doctor tells whether they may.")
            }
            let waiting = seen.capacity.waiting.pods
            if output.json {
                let members: [(String, Value)] = [
                    ("seenAt", .time(seen.at)), ("nodes", .list(seen.capacity.nodes.map(Table.nodes.object))),
                    ("waitingPods", .number(waiting)), ("room", .list(seen.room.map(Table.room.object))),
                ]
                return print(Value.object(members).json)
            }
            print(Table.nodes.text(seen.capacity.nodes) + "\n\n" + Table.room.text(seen.room))
            print("\nSeen at \(Value.time(seen.at).plain)\(waiting == 0 ? "" : "; \(waiting) pods wait for a node").")
        }
    }
}

/// `storectl drain`.
struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a worker take no more jobs; what it runs goes on. It stays drained until --undo, also when it starts anew."
    )
    @OptionGroup var output: OutputOptions
    @OptionGroup var order: OperatorOptions
    @Argument(help: "The worker's name, as storectl workers shows it.") var worker: String
    @Option(help: "Why.") var reason = "drained by hand"
    @Flag(help: "Let it take jobs again.") var undo = false
    @Flag(help: "Return once nothing runs there any more.") var wait = false

    func run() async throws {
        try await Session.run { session in
            if undo {
                guard try await session.operations.undrain(worker, by: order.actor()) else { throw Refusal("\(worker) was not drained.") }
                return output.say("\(worker) takes jobs again.", ("worker", .text(worker)), ("draining", .flag(false)))
            }
            guard try await session.operations.drain(worker, by: order.actor(), reason: reason) else {
                throw Refusal("No worker \(worker) reported within a day; storectl workers lists them.")
            }
            output.say("\(worker) is draining.", ("worker", .text(worker)), ("draining", .flag(true)))
            while wait {
                // The jobs' rows say it at once; a report is up to ten seconds old.
                let running = try await session.records.jobs(JobQuery(state: .running, worker: worker))
                if running.isEmpty { return output.say("Nothing runs there any more.", ("worker", .text(worker)), ("running", .number(0))) }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// `storectl audit`.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List who did what, newest first.")
    @OptionGroup var output: OutputOptions
    @Option(help: "Only what was done to this: a job's number, a worker, a namespace, a store, an account.") var target: String?
    @Option(help: "Only what this one did.") var actor: String?
    @Option(help: "Only this, e.g. job.cancel, or what begins so, e.g. job.") var action: String?
    @Option(help: "Only what was done, or refused.") var outcome: AuditOutcome?
    @Option(help: "Only entries older than this number, to go on from.") var before: Int64?
    @Option(help: "Maximum number of results, 1 to 10000.") var limit = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
    }

    func run() async throws {
        try await Session.run { session in
            let entries = try await session.records.auditEntries(
                AuditQuery(actor: actor, action: action, target: target, outcome: outcome, before: before, limit: limit)
            )
            Table.audit.show(entries, json: output.json, nothing: "Nothing was done yet.")
        }
    }
}
