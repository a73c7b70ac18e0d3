import Foundation
package import Redis
package import StoreDomain

/// The dispatcher: which job is whose turn. It may lose everything at any time; PostgreSQL puts it back.
///
/// Every call is one script, so one round trip. Keys are `sq:{name}:…`; `GET sq:{name}:readme` explains them at the prompt.
package struct JobQueue: Sendable {
    /// How many jobs one script call handles at most: Redis serves nobody else meanwhile.
    package static let batch = 100

    let redis: RedisClient
    let base: String

    /// `name`: the hash tag that keeps all keys on one node of a cluster.
    package init(redis: RedisClient, name: String = "prov") {
        self.redis = redis
        base = "sq:{\(name)}:"
    }

    /// Makes the jobs known; a known one follows its kind and class and is left as it is otherwise. How many were new.
    @discardableResult
    package func enqueue(_ descriptors: [JobDescriptor], deadline: Duration = .seconds(5)) async throws -> Int {
        guard !descriptors.isEmpty else { return 0 }
        let calls = stride(from: 0, to: descriptors.count, by: Self.batch).map { start in
            (keys: [base + "ready"], arguments: descriptors[start..<min(start + Self.batch, descriptors.count)].flatMap(\.queueFields))
        }
        let replies = try await redis.run(QueueScripts.enqueue, calls: calls, deadline: deadline)
        for case .error(let text) in replies { throw QueueError(message: text) }
        return replies.reduce(0) { $0 + Int($1.integer ?? 0) }
    }

    /// Those of the jobs that the queue does not know, or has under another kind or class; 1,000 at most at once.
    package func unknown(of descriptors: [JobDescriptor]) async throws -> [JobDescriptor] {
        guard !descriptors.isEmpty else { return [] }
        let reply = try await run(
            QueueScripts.unknown,
            descriptors.flatMap { [$0.id.description, $0.kind.rawValue, $0.jobClass.name] }
        )
        let unknown = Set((reply.array ?? []).compactMap { $0.string.flatMap { JobID($0) } })
        return descriptors.filter { unknown.contains($0.id) }
    }

    /// The first jobs that may run, each with its namespace's lock and a lease.
    ///
    /// `limits`: what Redis counts for itself, as a hint; PostgreSQL's count is the law. `atMost`: 1 to `batch`; more are not taken.
    /// `kinds`: those that this worker knows; jobs of others stay in line. `ending`: what `finish` would be told of, in the same trip and before.
    package func take(
        worker: String,
        limits: ClassLimits,
        lease: Duration,
        atMost: Int = 1,
        kinds: [JobKind] = JobKind.allCases,
        ending: [FinishedJob] = []
    ) async throws -> TakeOutcome {
        let token = RandomToken.make()
        let most = String(max(1, min(atMost, Self.batch)))
        let reply = try await run(
            QueueScripts.take,
            [worker, token, lease.milliseconds, most, kinds.map(\.rawValue).joined(separator: ",")]
                + JobClass.allCases.map { limits[$0].map(String.init) ?? "" } + ending.flatMap(\.fields)
        )
        let taken = try TakeReply(reply: reply, worker: worker, token: token)
        // PostgreSQL has them in a form that can be read: the sweep brings them back.
        if !taken.unreadable.isEmpty { _ = try await run(QueueScripts.finish, taken.unreadable.flatMap { $0 }) }
        return taken.outcome
    }

    /// Extends the lease here; only to be called when PostgreSQL has just renewed its own.
    package func renew(_ job: LeasedJob, lease: Duration, deadline: Duration = .seconds(5)) async throws -> QueueRenewal {
        let descriptor = job.descriptor
        let reply = try await run(
            QueueScripts.renew,
            [
                descriptor.id.description, job.token, lease.milliseconds, job.worker, descriptor.kind.rawValue, descriptor.jobClass.name,
                descriptor.store.rawValue, descriptor.namespace.rawValue, descriptor.user?.rawValue ?? "", descriptor.traceparent ?? "",
            ],
            deadline: deadline
        )
        guard let renewal = reply.string.flatMap(QueueRenewal.init(rawValue:)) else { throw QueueError(message: "renew answered \(reply)") }
        return renewal
    }

    /// Forgets a job that is final in PostgreSQL, or keeps it among the dead letters when it is `deadLettered`, which says why.
    /// False: another worker has it here.
    @discardableResult
    package func finish(_ job: LeasedJob, deadLettered: String? = nil) async throws -> Bool {
        try await finish([FinishedJob(job: job, deadLettered: deadLettered)]) == [true]
    }

    /// The same for many, in one trip.
    @discardableResult
    package func finish(_ jobs: [FinishedJob]) async throws -> [Bool] {
        guard !jobs.isEmpty else { return [] }
        return (try await run(QueueScripts.finish, jobs.flatMap(\.fields)).array ?? []).map { $0 == .integer(1) }
    }

    /// Ends a job here that PostgreSQL ended without its worker. False: it is not known here.
    @discardableResult
    package func finalize(_ job: JobID, deadLettered: String? = nil) async throws -> Bool {
        try await run(QueueScripts.finalize, [job.description, deadLettered ?? ""]) == .integer(1)
    }

    /// Forgets a dead letter. False: it is none.
    @discardableResult
    package func forget(_ deadLetter: JobID) async throws -> Bool {
        try await run(QueueScripts.forget, [deadLetter.description]) == .integer(1)
    }

    /// Gives the job back. `requeued`: as PostgreSQL queued it again, perhaps as another kind, in another class or namespace.
    /// False: another worker has it here.
    @discardableResult
    package func release(_ job: LeasedJob, after delay: Duration, reason: String, requeued: JobDescriptor? = nil) async throws -> Bool {
        let taking = [job.descriptor.id.description, job.token, delay.milliseconds, reason]
        return try await run(QueueScripts.release, taking + (requeued?.placeFields ?? [])) == .integer(1)
    }

    /// Removes a job that waits, or tells the worker of one that runs.
    package func cancel(_ job: JobID, reason: String, deadline: Duration = .seconds(5)) async throws -> CancelOutcome {
        let reply = try await run(QueueScripts.cancel, [job.description, reason], deadline: deadline)
        guard let outcome = reply.string.flatMap(CancelOutcome.init(rawValue:)) else {
            throw QueueError(message: "cancel answered \(reply)")
        }
        return outcome
    }

    /// `nil` for a job that Redis does not know.
    package func position(of job: JobID) async throws -> QueuePosition? {
        let reply = try await run(QueueScripts.position, [job.description]).array ?? []
        guard reply.count == 3 else { return nil }
        guard let state = reply[0].string.flatMap(QueuePosition.State.init(rawValue:)), let rank = reply[1].integer else {
            throw QueueError(message: "position answered \(reply)")
        }
        return QueuePosition(state: state, ahead: rank < 0 ? nil : Int(rank), blockedBy: reply[2].string.flatMap { JobID($0) })
    }

    package func depth() async throws -> QueueDepth {
        let reply = try await run(QueueScripts.depth, [])
        let counts = (reply.array ?? []).compactMap { $0.integer.map { Int($0) } }
        guard counts.count == 7 else { throw QueueError(message: "depth answered \(reply)") }
        return QueueDepth(
            ready: counts[0],
            apart: counts[1],
            delayed: counts[2],
            running: counts[3],
            interactive: counts[4],
            background: counts[5],
            dead: counts[6]
        )
    }

    /// No job is taken for ten seconds more: the sweep says it again as long as PostgreSQL has the queue paused.
    package func pause(reason: String) async throws {
        try await redis.command(["SET", base + "paused-by-records", reason, "EX", "10"])
    }

    package func resume() async throws {
        try await redis.command(["DEL", base + "paused-by-records", base + "paused"])
        try await redis.command(["RPUSH", base + "wake", "resumed"])
    }

    /// For one waiter: it keeps a connection of its own.
    package func wakeup() -> QueueNotifier { QueueNotifier(redis: redis, list: base + "wake") }

    /// Throws unless Redis answers soon.
    package func ping() async throws { try await redis.command(["PING"], deadline: .seconds(2)) }

    /// Throws unless Redis takes a write soon: a replica, and one whose disk or memory is full, answer a ping.
    package func probe() async throws {
        try await redis.command(["SET", base + "probe", "1", "EX", "60"], deadline: .seconds(2))
    }

    /// Writes the page that explains the keys at the prompt.
    package func writeReadme() async throws { try await redis.command(["SET", base + "readme", QueueReadme.text(base: base)]) }

    func run(_ script: RedisScript, _ arguments: [String], deadline: Duration = .seconds(5)) async throws -> RedisValue {
        try await redis.run(script, keys: [base + "ready"], arguments: arguments, deadline: deadline)
    }
}

extension Duration {
    var milliseconds: String { String(components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000) }
}
