import Foundation
import HTTPTypes
import Hummingbird
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
    let operations: Operations
    let gate: AdminGate

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/admin/queue", summary)
        table.on(.post, "/api/admin/queue/pause", pause)
        table.on(.post, "/api/admin/queue/resume", resume)
        table.on(.get, "/api/admin/jobs", list)
        table.on(.delete, "/api/admin/jobs", purge)
        table.on(.get, "/api/admin/jobs/:id", one)
        table.on(.post, "/api/admin/jobs/:id/cancel", cancel)
        table.on(.post, "/api/admin/jobs/:id/replay", replay)
        table.on(.get, "/api/admin/locks", locks)
        table.on(.get, "/api/admin/workers", workers)
        table.on(.get, "/api/admin/orphans", orphans)
    }

    @Sendable private func summary(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try gate.admit(request)
        let summary = try await records.queueSummary()
        // Redis may be away: what PostgreSQL knows is shown all the same.
        let depth = try? await queue.depth()
        return .json(capacity: 4_096) { $0.queue(summary, depth: depth, now: Date()) }
    }

    @Sendable private func pause(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try gate.admit(request)
        let reason = try Self.reason(try await JSONBody(request))
        try await operations.pause(by: Operator(name: name, source: .api), reason: reason)
        context.logger.notice("The queue is paused", metadata: ["operator": "\(name)", "reason": "\(reason)"])
        return .json { $0.field("message", "No job is taken until the queue is resumed; what runs goes on") }
    }

    @Sendable private func resume(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try gate.admit(request)
        let wasPaused = try await operations.resume(by: Operator(name: name, source: .api))
        context.logger.notice("The queue is resumed", metadata: ["operator": "\(name)"])
        return .json { $0.field("message", wasPaused ? "The queue is resumed" : "The queue was not paused") }
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try gate.admit(request)
        let query = try ListJobsRequest.query(request)
        let jobs = try await records.jobs(query)
        return .json(capacity: 512 * (jobs.count + 1)) { json in
            json.array("jobs", jobs) { json, job in json.object { $0.fields(of: job) } }
            if jobs.count == query.limit, let last = jobs.last { json.field("nextBefore", Int(last.id.rawValue)) }
        }
    }

    @Sendable private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try gate.admit(request)
        guard let id = Self.id(context), let (job, history) = try await records.job(id) else { throw APIError.jobNotFound }
        let position = try? await queue.position(of: id)
        return .json(capacity: 4_096) { json in
            json.object("job") { $0.fields(of: job) }
            json.array("history", history) { json, change in json.object { $0.fields(of: change) } }
            if let position { json.object("position") { $0.fields(of: position) } }
        }
    }

    @Sendable private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try gate.admit(request)
        let reason = try Self.reason(try await JSONBody(request))
        guard let id = Self.id(context) else { throw APIError.jobNotFound }
        let outcome = try await operations.cancel(id, by: Operator(name: name, source: .api), reason: reason)
        context.logger.notice("A job was cancelled", metadata: ["operator": "\(name)", "job": "\(id)", "outcome": "\(outcome)"])
        switch outcome {
        case .cancelled: return .json { $0.field("message", "The job is cancelled") }
        case .asked: return .json(status: .accepted) { $0.field("message", "The job's worker is told to stop") }
        case .over(let state): throw APIError(.conflict, "The job is \(state.rawValue) already")
        case .notFound: throw APIError.jobNotFound
        }
    }

    @Sendable private func replay(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try gate.admit(request)
        guard let id = Self.id(context) else { throw APIError.jobNotFound }
        switch try await operations.replay(id, by: Operator(name: name, source: .api), traceparent: TraceContext.current?.traceparent) {
        case .queued(let ticket):
            context.logger.notice("A job is replayed", metadata: ["operator": "\(name)", "job": "\(id)", "as": "\(ticket.id)"])
            return .json(status: .accepted) { json in
                json.field("message", "The job is queued again")
                json.field("job", Int(ticket.id.rawValue))
            }
        case .notFailed: throw APIError(.conflict, "Only a store's newest job can be replayed, once it failed or was cancelled")
        case .notFound: throw APIError.jobNotFound
        }
    }

    @Sendable private func purge(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try gate.admit(request)
        guard let hours = request.uri.queryParameters["olderThanHours"].flatMap({ Int($0) }), (1...876_000).contains(hours) else {
            throw APIError(.badRequest, "olderThanHours must be a number from 1 to 876000")
        }
        let purged = try await operations.purgeJobs(olderThan: .seconds(hours * 3_600), by: Operator(name: name, source: .api))
        context.logger.notice("Jobs were purged", metadata: ["operator": "\(name)", "count": "\(purged)"])
        return .json { $0.field("purged", purged) }
    }

    @Sendable private func locks(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try gate.admit(request)
        let held = try await records.heldNamespaces()
        return .json(capacity: 256 * (held.count + 1)) { json in
            json.array("locks", held) { json, lock in json.object { $0.fields(of: lock) } }
        }
    }

    @Sendable private func workers(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try gate.admit(request)
        let workers = try await records.workers()
        return .json(capacity: 256 * (workers.count + 1)) { json in
            json.array("workers", workers) { json, worker in json.object { $0.fields(of: worker) } }
        }
    }

    @Sendable private func orphans(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try gate.admit(request)
        let orphans = try await records.orphans()
        return .json(capacity: 256 * (orphans.count + 1)) { json in
            json.array("orphans", orphans) { json, orphan in json.object { $0.fields(of: orphan) } }
        }
    }

    private static func id(_ context: APIContext) -> JobID? { context.parameters.get("id").flatMap { JobID($0) } }

    private static func reason(_ body: JSONBody) throws -> String {
        guard let text = body["reason"] as? String, !text.allSatisfy(\.isWhitespace), text.count <= 500, !text.utf8.contains(0) else {
            throw APIError(.badRequest, "A reason of at most 500 characters is needed")
        }
        return text
    }
}
