import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import JobQueue
import Logging
import Observability
import StoreDomain
import StoreRecords

/// The queue under an operator's hand.
struct AdminRoutes: Sendable {
    let records: StoreRecords
    let queue: JobQueue
    let operations: OperatorActions

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/admin/queue", for: .operate, summary)
        table.on(.get, "/api/admin/queue/waiting", for: .operate, query: ["limit"], waiting)
        table.on(.get, "/api/admin/queue/hours", for: .operate, hours)
        table.on(.post, "/api/admin/queue/pause", for: .operate, pause)
        table.on(.post, "/api/admin/queue/resume", for: .operate, resume)
        table.on(.get, "/api/admin/jobs", for: .operate, query: ListJobsRequest.parameters, list)
        table.on(.delete, "/api/admin/jobs", for: .operate, query: ["olderThanHours"], purge)
        table.on(.get, "/api/admin/jobs/:id", for: .operate, one)
        table.on(.post, "/api/admin/jobs/:id/cancel", for: .operate, cancel)
        table.on(.post, "/api/admin/jobs/:id/replay", for: .operate, replay)
        table.on(.get, "/api/admin/locks", for: .operate, locks)
        table.on(.get, "/api/admin/workers", for: .operate, workers)
        table.on(.post, "/api/admin/workers/:worker/drain", for: .operate, drain)
        table.on(.post, "/api/admin/workers/:worker/undrain", for: .operate, undrain)
        table.on(.get, "/api/admin/orphans", for: .operate, orphans)
        table.on(.get, "/api/admin/capacity", for: .operate, capacity)
    }

    @Sendable private func summary(_ request: Request, _ context: APIContext) async throws -> Response {
        let summary = try await records.queueSummary()
        // Redis may be away: what PostgreSQL knows is shown all the same.
        let depth = try? await queue.depth()
        return .json(capacity: 4_096) { $0.queue(summary, depth: depth, now: Date()) }
    }

    @Sendable private func waiting(_ request: Request, _ context: APIContext) async throws -> Response {
        let jobs = try await records.waitingJobs(limit: try context.query.number("limit", in: 1...200) ?? 100)
        return .json(capacity: 640 * (jobs.count + 1)) { json in
            json.array("jobs", jobs) { json, waiter in
                json.object {
                    $0.fields(of: waiter.job)
                    $0.object("waiting") { $0.fields(of: waiter.waiting) }
                }
            }
        }
    }

    @Sendable private func hours(_ request: Request, _ context: APIContext) async throws -> Response {
        let hours = try await records.queueHours()
        return .json(capacity: 130 * (hours.count + 1)) { json in
            json.array("hours", hours) { json, hour in json.object { $0.fields(of: hour) } }
        }
    }

    @Sendable private func pause(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        let reason = try Self.reason(try await JSONBody(request, "reason"))
        try await operations.pause(by: actor, reason: reason)
        context.logger.notice("The queue is paused", metadata: ["operator": "\(actor.name)", "reason": "\(reason)"])
        return .json { $0.field("message", "No job is taken until the queue is resumed; what runs goes on") }
    }

    @Sendable private func resume(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        let wasPaused = try await operations.resume(by: actor)
        context.logger.notice("The queue is resumed", metadata: ["operator": "\(actor.name)"])
        return .json { $0.field("message", wasPaused ? "The queue is resumed" : "The queue was not paused") }
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try ListJobsRequest.query(context.query)
        let jobs = try await records.jobs(query)
        return .json(capacity: 512 * (jobs.count + 1)) { json in
            json.array("jobs", jobs) { json, job in json.object { $0.fields(of: job) } }
            if jobs.count == query.limit, let last = jobs.last { json.field("nextBefore", Int(last.id.rawValue)) }
        }
    }

    @Sendable private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = Self.id(context), let (job, history) = try await records.job(id) else { throw APIError.jobNotFound }
        let position = try? await queue.position(of: id)
        return .json(capacity: 4_096) { json in
            json.object("job") { $0.fields(of: job) }
            json.array("history", history) { json, change in json.object { $0.fields(of: change) } }
            if let position { json.object("position") { $0.fields(of: position) } }
        }
    }

    @Sendable private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        let reason = try Self.reason(try await JSONBody(request, "reason"))
        guard let id = Self.id(context) else { throw APIError.jobNotFound }
        let outcome = try await operations.cancel(id, by: actor, reason: reason)
        context.logger.notice("A job was cancelled", metadata: ["operator": "\(actor.name)", "job": "\(id)", "outcome": "\(outcome)"])
        switch outcome {
        case .cancelled: return .json { $0.field("message", "The job is cancelled") }
        case .asked:
            var response = Response.json(status: .accepted) { $0.field("message", "The job's worker is told to stop") }
            response.headers[.location] = "/api/admin/jobs/\(id.rawValue)"
            return response
        case .over(let state): throw APIError(.conflict, "The job is \(state.rawValue) already")
        case .notFound: throw APIError.jobNotFound
        }
    }

    @Sendable private func replay(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        guard let id = Self.id(context) else { throw APIError.jobNotFound }
        switch try await operations.replay(id, by: actor, traceparent: TraceContext.current?.traceparent) {
        case .queued(let descriptor):
            context.logger.notice("A job is replayed", metadata: ["operator": "\(actor.name)", "job": "\(id)", "as": "\(descriptor.id)"])
            var response = Response.json(status: .accepted) { json in
                json.field("message", "The job is queued again")
                json.field("job", Int(descriptor.id.rawValue))
            }
            response.headers[.location] = "/api/admin/jobs/\(descriptor.id.rawValue)"
            return response
        case .notFailed: throw APIError(.conflict, "Only a store's newest job can be replayed, once it failed or was cancelled")
        case .notFound: throw APIError.jobNotFound
        }
    }

    @Sendable private func purge(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        guard let hours = try context.query.number("olderThanHours", in: 1...876_000) else {
            throw APIError.wrong("olderThanHours", "olderThanHours must be a number from 1 to 876000")
        }
        let purged = try await operations.purgeJobs(olderThan: .seconds(hours * 3_600), by: actor)
        context.logger.notice("Jobs were purged", metadata: ["operator": "\(actor.name)", "count": "\(purged)"])
        return .json { $0.field("purged", purged) }
    }

    @Sendable private func locks(_ request: Request, _ context: APIContext) async throws -> Response {
        let held = try await records.heldNamespaces()
        return .json(capacity: 256 * (held.count + 1)) { json in
            json.array("locks", held) { json, lock in json.object { $0.fields(of: lock) } }
        }
    }

    @Sendable private func workers(_ request: Request, _ context: APIContext) async throws -> Response {
        let workers = try await records.workers()
        return .json(capacity: 256 * (workers.count + 1)) { json in
            json.array("workers", workers) { json, worker in json.object { $0.fields(of: worker) } }
        }
    }

    @Sendable private func drain(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        let reason = try Self.reason(try await JSONBody(request, "reason"))
        let worker = try Self.worker(context)
        guard try await operations.drain(worker, by: actor, reason: reason) else {
            throw APIError(.notFound, "No worker of this name reported within a day", code: "worker-not-found")
        }
        context.logger.notice("A worker is drained", metadata: ["operator": "\(actor.name)", "worker": "\(worker)", "reason": "\(reason)"])
        return .json { $0.field("message", "\(worker) takes no more jobs; what it runs goes on") }
    }

    @Sendable private func undrain(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = context.operator
        let worker = try Self.worker(context)
        let wasDrained = try await operations.undrain(worker, by: actor)
        context.logger.notice("A worker is no longer drained", metadata: ["operator": "\(actor.name)", "worker": "\(worker)"])
        return .json { $0.field("message", wasDrained ? "\(worker) takes jobs again" : "\(worker) was not drained") }
    }

    @Sendable private func orphans(_ request: Request, _ context: APIContext) async throws -> Response {
        let orphans = try await records.orphans()
        return .json(capacity: 256 * (orphans.count + 1)) { json in
            json.array("orphans", orphans) { json, orphan in json.object { $0.fields(of: orphan) } }
        }
    }

    @Sendable private func capacity(_ request: Request, _ context: APIContext) async throws -> Response {
        let seen = try await records.capacity()
        return .json(capacity: 256 * ((seen?.capacity.nodes.count ?? 0) + 8)) { $0.fields(of: seen) }
    }

    private static func id(_ context: APIContext) -> JobID? { context.parameters.get("id").flatMap { JobID($0) } }

    private static func worker(_ context: APIContext) throws -> String {
        guard let name = context.parameters.get("worker").flatMap({ String(percentEncoded: $0.utf8, plusIsSpace: false) }),
            name.hasVisibleCharacter, name.count <= 200
        else { throw APIError.wrong("worker", "worker must be the name of a worker") }
        return name.inOneLine
    }

    private static func reason(_ body: JSONBody) throws -> String {
        guard let text = try body.text("reason"), text.hasVisibleCharacter, text.count <= 500, !text.utf8.contains(0) else {
            throw APIError.wrong("reason", "A reason of at most 500 characters is needed")
        }
        return text
    }
}
