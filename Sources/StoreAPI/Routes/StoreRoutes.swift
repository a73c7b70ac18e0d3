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
        table.on(.post, "/api/stores/:id/recreate", for: .changeStores, recreate)
        table.on(.get, "/api/slugs/:slug", for: .readStores, slug)
        table.on(.get, "/api/me", for: .identify, me)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try ListStoresRequest.query(context.query, visibleTo: try context.listed())
        let page = try await records.list(query) { try StorePageJSON.write($0, next: $1) }
        return .json(page)
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await CreateStoreRequest(request)
        let owner = try context.owner(body.userID)
        if let slug = body.slug, settings.reservedSlugs.contains(slug.rawValue) {
            try await records.audit(context.operator, "store.create", target: slug.rawValue, detail: "slug_reserved", outcome: .refused)
            throw APIError.slugTaken(slug)
        }
        let source = try await source(body, owner, context)
        let request = NewStore(
            name: body.name,
            engine: body.engine,
            owner: owner,
            role: context.principal?.role ?? .user,
            reservedSlugs: settings.reservedSlugs,
            slug: body.slug,
            source: source,
            plan: body.plan,
            idempotency: try creation.idempotencyKey(request, digest: body.digest(owner: owner)),
            traceparent: TraceContext.current?.traceparent
        )
        return .accepted("Store provisioning started", try await creation.accept(request, context))
    }

    /// What the new store is to be filled with: a backup of its owner's that is done, or an archive that its owner sent; of the same engine.
    private func source(_ body: CreateStoreRequest, _ owner: UserID?, _ context: APIContext) async throws -> StoreSource? {
        guard let source = body.source else { return nil }
        try await creation.requireKeepers()
        switch source {
        case .backup(let id): try await check(id, body.engine, owner)
        case .archive(let id):
            guard let archive = try await records.archive(id), archive.owner == owner, archive.expiresAt > Date() else {
                throw APIError(.badRequest, "There is no such import of this owner", code: "import-not-found", field: "from.import")
            }
            guard archive.manifest.engine == body.engine else {
                throw APIError.wrong("from.import", "The archive is of a \(archive.manifest.engine.rawValue) store")
            }
            let charts = try await records.charts().filter { $0.engine == body.engine }
            if let taken = archive.manifest.chartVersion.flatMap({ ChartVersion($0) }), let newest = charts.map(\.version).max(),
                newest < taken
            {
                throw APIError(
                    .conflict,
                    "The archive is of a newer version (\(taken)) than this installation has (\(newest))",
                    code: "newer-version",
                    field: "from.import"
                )
            }
        }
        return source
    }

    private func check(_ id: BackupID, _ engine: Engine, _ owner: UserID?) async throws {
        guard let (backup, store) = try await records.backupAndStore(id), store.owner == owner else {
            throw APIError.backupNotFound("from.backup")
        }
        guard store.engine == engine else {
            throw APIError.wrong("from.backup", "The backup is of a \(store.engine.rawValue) store")
        }
        guard backup.status == .done else { throw APIError.backupNotDone("from.backup") }
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
        guard let id = context.storeID, let store = try await records.state(of: id, visibleTo: context.visibleTo) else {
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
        guard let id = context.storeID else { throw APIError.storeNotFound }
        let takeOver = try await JSONBody(request, "takeOver", optional: true).flag("takeOver") ?? false
        let owner = try await context.store(records).owner
        let outcome = try await records.retry(
            id,
            takeOver: takeOver,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            units: (settings.limits.unitsPerUser, try await context.role(of: owner, records)),
            by: context.operator
        )
        return try await answer(outcome, "Store retry started", context)
    }

    /// An empty store in place of one that is lost: whoever asks has to name it.
    @Sendable private func recreate(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records, as: .owner)
        let confirmation = try await JSONBody(request, "confirm").text("confirm")
        guard confirmation == store.namespace.slug else {
            throw APIError.wrong("confirm", "confirm must be the store's slug, \(store.namespace.slug)")
        }
        let outcome = try await records.recreate(
            store.id,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        return try await answer(outcome, "Store recreation started", context)
    }

    private func answer(_ outcome: RetryOutcome, _ message: String, _ context: APIContext) async throws -> Response {
        switch outcome {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted(message, store)
        case .lost:
            throw APIError(
                .badRequest,
                """
                Only failed stores can be retried. This store's data is lost: restore it from a backup (POST …/restore), or recreate it, \
                empty (POST …/recreate)
                """,
                code: "lost"
            )
        case .notLost: throw APIError(.conflict, "Nothing of the store is lost: it is not recreated", code: "not-lost")
        case .busy: throw APIError(.conflict, "Another job of this store is at work: wait for it, then recreate the store", code: "busy")
        case .unitLimitReached(let used, let limit): throw APIError.unitLimit(used, limit)
        case .notFailed: throw APIError(.badRequest, "Only failed stores can be retried", code: "not-failed")
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID else { throw APIError.storeNotFound }
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
        let memberships =
            if let user = context.user { try await records.memberships(of: user) } else { [] as [(store: StoreID, role: StoreRole)] }
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
            json.array("memberOf", memberships) { json, membership in
                json.object {
                    $0.field("store", membership.store.rawValue)
                    $0.field("role", membership.role.rawValue)
                }
            }
        }
    }

    private func found(_ request: Request, _ context: APIContext) async throws -> StoreDetail {
        guard let id = context.storeID, let detail = try await records.detail(id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return detail
    }
}

extension APIContext {
    /// The path's `:id`; `nil` when no store can have it.
    var storeID: StoreID? { parameters.get("id").flatMap { StoreID($0) } }

    /// The path's store, of which the caller is what the route's permission wants, and at least `least`; throws `APIError` where there is none.
    func store(_ records: StoreRecords, as least: StoreRole = .viewer) async throws -> Store {
        guard let id = storeID, let store = try await records.store(id, visibleTo: visibleTo?.raised(to: least)) else {
            throw APIError.storeNotFound
        }
        return store
    }

    /// Who is to own what is made: who asks. Where a header says who that is, the request may, too, as `stated`.
    func owner(_ stated: UserID? = nil) throws -> UserID? {
        guard let principal else { return nil }
        if let user = principal.user { return user }
        if principal.means == .header { return stated }
        throw APIError(.forbidden, "Sign in as the user who should own the store")
    }

    /// Whose stores a list or a stream of several has: the caller's own, and with `scope=all` every one that the caller may see.
    func listed() throws -> UserID? {
        switch query["scope"] ?? "" {
        case "", "own": return reach == .every && user != nil ? user : visibleTo?.user
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
