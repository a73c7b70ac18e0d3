import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Logging
import NIOCore
import Observability
import StoreDomain
import StoreRecords

/// The stores: PostgreSQL answers and accepts, Redis is told.
struct StoreRoutes: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    let settings: APISettings
    let creation: StoreCreation

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores", for: .readStores, query: ListStoresRequest.parameters, list)
        table.on(.post, "/api/stores", for: .changeStores, create)
        table.on(.get, "/api/stores/:id", for: .readStores, one)
        table.on(.delete, "/api/stores/:id", for: .changeStores, query: ["purge"], delete)
        table.on(.get, "/api/stores/:id/status", for: .readStores, status)
        table.on(.get, "/api/stores/:id/detail", for: .readStores, detail)
        table.on(.post, "/api/stores/:id/retry", for: .changeStores, retry)
        table.on(.get, "/api/slugs/:slug", for: .readStores, slug)
        table.on(.get, "/api/me", for: .identify, me)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try ListStoresRequest.query(context.query, owner: try context.listed())
        let page = try await records.list(query) { try StorePageJSON.write($0, next: $1) }
        return .json(page)
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await CreateStoreRequest(request)
        let owner = try owner(body, context)
        if let slug = body.slug, settings.reservedSlugs.contains(slug.rawValue) {
            try await records.audit(context.operator, "store.create", target: slug.rawValue, detail: "slug_reserved", outcome: .refused)
            throw APIError.slugTaken(slug)
        }
        let from = try await backup(body, owner, context)
        let request = NewStore(
            name: body.name,
            engine: body.engine,
            owner: owner,
            role: context.principal?.role ?? .user,
            reservedSlugs: settings.reservedSlugs,
            slug: body.slug,
            backup: from,
            plan: body.plan,
            idempotency: try creation.idempotencyKey(request, digest: body.digest(owner: owner)),
            traceparent: TraceContext.current?.traceparent
        )
        return .accepted("Store provisioning started", try await creation.accept(request, context))
    }

    /// What the new store is to be filled with: a backup of its owner's, of the same engine, that is done.
    private func backup(_ body: CreateStoreRequest, _ owner: UserID?, _ context: APIContext) async throws -> BackupID? {
        guard let id = body.backup else { return nil }
        try await creation.requireKeepers()
        guard let (backup, store) = try await records.backupAndStore(id), store.owner == owner else {
            throw APIError.backupNotFound("from.backup")
        }
        guard store.engine == body.engine else {
            throw APIError.wrong("from.backup", "The backup is of a \(store.engine.rawValue) store")
        }
        guard backup.status == .done else { throw APIError.backupNotDone("from.backup") }
        return id
    }

    /// Any text's slug, whether a store can still have it, and the address that it would make.
    @Sendable private func slug(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let text = context.parameters.get("slug").flatMap({ String(percentEncoded: $0.utf8, plusIsSpace: false) }),
            text.count <= StoreName.maximumLength
        else { throw APIError.wrong("slug", "slug must have at most \(StoreName.maximumLength) characters") }
        let slug = StoreSlug(of: text)
        let isFree = try await records.isFree(slug)
        return .json { json in
            json.field("slug", slug.rawValue)
            json.field("available", isFree && !settings.reservedSlugs.contains(slug.rawValue))
            json.field("url", settings.addressing?.url(for: StoreNamespace(slug)))
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
        guard let id = storeID(context), let store = try await records.state(of: id, visibleTo: context.visibleTo) else {
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
        let takeOver = try await JSONBody(request, "takeOver", optional: true).flag("takeOver") ?? false
        switch try await records.retry(
            id,
            takeOver: takeOver,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            units: (settings.limits.unitsPerUser, context.principal?.role ?? .user),
            by: context.operator
        ) {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted("Store retry started", store)
        case .unitLimitReached(let used, let limit): throw APIError.unitLimit(used, limit)
        case .notFailed: throw APIError(.badRequest, "Only failed stores can be retried", code: "not-failed")
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = storeID(context) else { throw APIError.storeNotFound }
        let purges = try context.query.value("purge", "true or false") { Bool($0) } ?? false
        switch try await records.delete(
            id,
            keeping: purges ? .nothing : .backups(days: settings.keepDeletedDays, final: try await records.keepsBackups(within: .days(1))),
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        ) {
        case .accepted(let store, let descriptor, let cancelling):
            context.note(descriptor)
            await jobs.enqueue(descriptor, cancelling: cancelling)
            return .accepted("Store deletion started", store)
        case .alreadyDeleting(let store), .purged(let store): return .accepted("Store deletion started", store)
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func me(_ request: Request, _ context: APIContext) async throws -> Response {
        let role = context.principal?.role ?? .user
        let usage = try await records.usage(of: context.user, role: role, limits: settings.limits)
        return .json { json in
            json.field("userId", context.user?.rawValue)
            json.field("name", context.principal?.name)
            json.field("role", role.rawValue)
            json.object("stores") {
                $0.field("used", usage.user)
                $0.field("limit", usage.userLimit)
            }
            json.object("units") {
                $0.field("used", usage.units)
                $0.field("limit", usage.unitLimit)
            }
            json.object("total") {
                $0.field("used", usage.total)
                $0.field("limit", settings.limits.total)
            }
        }
    }

    /// Who is to own a new store: who asks. Where a header says who that is, the body may, too.
    private func owner(_ body: CreateStoreRequest, _ context: APIContext) throws -> UserID? {
        guard let principal = context.principal else { return nil }
        if let user = principal.user { return user }
        if principal.means == .header { return body.userID }
        throw APIError(.forbidden, "Sign in as the user who should own the store")
    }

    private func found(_ request: Request, _ context: APIContext) async throws -> StoreDetail {
        guard let id = storeID(context), let detail = try await records.detail(id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return detail
    }

    private func storeID(_ context: APIContext) -> StoreID? { context.storeID }
}

extension APIContext {
    /// The path's `:id`; `nil` when no store can have it.
    var storeID: StoreID? { parameters.get("id").flatMap { StoreID($0) } }

    /// Whose stores a list or a stream of several has: the caller's own, and with `scope=all` every one that the caller may see.
    func listed() throws -> UserID? {
        switch query["scope"] ?? "" {
        case "", "own": return reach == .every && user != nil ? user : visibleTo
        case "all":
            guard reach == .every else { throw APIError(.forbidden, "Only operators see everybody's stores") }
            return nil
        default: throw APIError.wrong("scope", "scope must be own or all")
        }
    }

    /// Where a request's trace meets its job's number.
    func note(_ descriptor: JobDescriptor) {
        logger.info(
            "A job was accepted",
            metadata: ["job": "\(descriptor.id)", "kind": "\(descriptor.kind)", "store": "\(descriptor.store)"]
        )
    }
}

extension Response {
    static func json(status: HTTPResponse.Status = .ok, capacity: Int = 512, _ body: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter(capacity: capacity)
        json.object(body)
        return .json(json.buffer, status: status)
    }

    static func json(_ buffer: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: jsonHeaders, body: .init(byteBuffer: buffer))
    }

    private static let jsonHeaders: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    /// `status` 202: a job is on its way.
    static func accepted(_ message: String, _ store: Store, status: HTTPResponse.Status = .accepted) -> Response {
        var response = Response.json(status: status, capacity: 1_024) { json in
            json.field("message", message)
            json.object("store") { $0.fields(of: store) }
        }
        response.headers.add(.location, "/api/stores/\(store.id)")
        return response
    }
}
