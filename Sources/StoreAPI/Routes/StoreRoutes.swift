import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Logging
import Observability
import StoreDomain
import StoreRecords

/// The stores: PostgreSQL answers and accepts, Redis is told.
struct StoreRoutes: Sendable {
    let records: StoreRecords
    let jobs: AcceptedJobs
    let settings: APISettings

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores", list)
        table.on(.post, "/api/stores", create)
        table.on(.get, "/api/stores/:id", one)
        table.on(.delete, "/api/stores/:id", delete)
        table.on(.get, "/api/stores/:id/status", status)
        table.on(.get, "/api/stores/:id/detail", detail)
        table.on(.post, "/api/stores/:id/retry", retry)
        table.on(.get, "/api/me", me)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let page = try await records.list(try ListStoresRequest.query(request, owner: caller(request).user))
        return .json(capacity: 700 * (page.stores.count + 1)) { json in
            json.array("stores", page.stores) { json, store in json.object { $0.fields(of: store) } }
            if let next = page.next { json.field("nextCursor", next.text) }
        }
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await CreateStoreRequest(request)
        let owner = try caller(request, body: body.userID).user
        let accepted = try await records.create(
            NewStore(
                name: body.name,
                engine: body.engine,
                owner: owner,
                reservedSlugs: settings.reservedSlugs,
                idempotency: try idempotencyKey(request, digest: body.digest(owner: owner)),
                traceparent: TraceContext.current?.traceparent
            ),
            limits: settings.limits
        )
        switch accepted {
        case .accepted(let store, let ticket):
            context.note(ticket)
            await jobs.enqueue(ticket)
            return .accepted("Store provisioning started", store)
        case .repeated(let store):
            return .accepted("Store provisioning started", store)
        case .keyReused:
            throw APIError(.unprocessableContent, "This Idempotency-Key was used before with another body")
        case .totalLimitReached(let limit):
            countRefusal("total")
            throw APIError(.tooManyRequests, "Maximum stores (\(limit)) reached")
        case .userLimitReached(let used, let limit):
            countRefusal("user")
            throw APIError(.tooManyRequests, "Store limit reached (\(used)/\(limit)). Delete a store to create another.")
        }
    }

    @Sendable private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        let detail = try await found(request, context)
        return .json(capacity: 8_192) { json in
            json.object("store") { $0.whole(detail, now: Date()) }
        }
    }

    @Sendable private func detail(_ request: Request, _ context: APIContext) async throws -> Response {
        let detail = try await found(request, context)
        return .json(capacity: 8_192) { json in
            json.observations(of: detail, now: Date())
            json.field("podRestarts", detail.store.podRestarts)
            json.steps(of: detail.store)
        }
    }

    @Sendable private func status(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = storeID(context), let store = try await records.store(id, visibleTo: caller(request).user) else {
            throw APIError.storeNotFound
        }
        return .json { json in
            json.field("id", store.id.rawValue)
            json.field("status", store.status.rawValue)
            json.field("url", store.url)
            json.field("error_message", store.errorMessage)
        }
    }

    @Sendable private func retry(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = storeID(context) else { throw APIError.storeNotFound }
        switch try await records.retry(id, visibleTo: caller(request).user, traceparent: TraceContext.current?.traceparent) {
        case .accepted(let store, let ticket):
            context.note(ticket)
            await jobs.enqueue(ticket)
            return .accepted("Store retry started", store)
        case .notFailed: throw APIError(.badRequest, "Only failed stores can be retried")
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = storeID(context) else { throw APIError.storeNotFound }
        switch try await records.delete(id, visibleTo: caller(request).user, traceparent: TraceContext.current?.traceparent) {
        case .accepted(let store, let ticket, let cancelling):
            context.note(ticket)
            await jobs.enqueue(ticket, cancelling: cancelling)
            return .accepted("Store deletion started", store)
        case .alreadyDeleting(let store): return .accepted("Store deletion started", store)
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func me(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try caller(request).user
        let usage = try await records.usage(of: user)
        return .json { json in
            json.field("userId", user?.rawValue)
            json.field("role", "user")
            json.object("stores") {
                $0.field("used", usage.user)
                $0.field("limit", settings.limits.perUser)
            }
            json.object("total") {
                $0.field("used", usage.total)
                $0.field("limit", settings.limits.total)
            }
        }
    }

    private func found(_ request: Request, _ context: APIContext) async throws -> StoreDetail {
        guard let id = storeID(context), let detail = try await records.detail(id, visibleTo: caller(request).user) else {
            throw APIError.storeNotFound
        }
        return detail
    }

    private func countRefusal(_ quota: String) {
        Counter(label: "storeweaver_quota_refusals_total", dimensions: [("quota", quota)]).increment()
    }

    private func storeID(_ context: APIContext) -> StoreID? { context.storeID }

    private func caller(_ request: Request, body: String? = nil) throws -> Caller { try Caller(request, body: body) }

    private func idempotencyKey(_ request: Request, digest: String) throws -> IdempotencyKey? {
        guard let text = request.headers[.idempotencyKey] else { return nil }
        guard let key = IdempotencyKey(key: text, bodyDigest: digest) else {
            throw APIError(.badRequest, "The Idempotency-Key must have 1 to 255 visible ASCII characters")
        }
        return key
    }
}

extension APIContext {
    /// The path's `:id`; `nil` when no store can have it.
    var storeID: StoreID? { parameters.get("id").flatMap { StoreID($0) } }

    /// Where a request's trace meets its job's number.
    func note(_ ticket: JobTicket) {
        logger.info(
            "A job was accepted",
            metadata: ["job": "\(ticket.id)", "kind": "\(ticket.kind)", "store": "\(ticket.store)"]
        )
    }
}

extension Caller {
    /// Throws `APIError` for a name that nobody can have.
    init(_ request: Request, body: String? = nil) throws {
        do throws(InvalidUserID) {
            self = try Caller.identified(header: request.headers[.userID], body: body)
        } catch { throw APIError.invalidUser }
    }
}

extension Response {
    static func json(status: HTTPResponse.Status = .ok, capacity: Int = 512, _ body: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter(capacity: capacity)
        json.object(body)
        return Response(status: status, headers: [.contentType: "application/json; charset=utf-8"], body: .init(byteBuffer: json.buffer))
    }

    fileprivate static func accepted(_ message: String, _ store: Store) -> Response {
        .json(status: .accepted, capacity: 1_024) { json in
            json.field("message", message)
            json.object("store") { $0.fields(of: store) }
        }
    }
}
