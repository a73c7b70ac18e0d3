import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Observability
import StoreDomain
import StoreRecords

/// Backups of stores, and what is made of them: the store as it was, a copy, a store that was deleted.
struct BackupRoutes: Sendable {
    /// How many backups of a store may be asked for within 24 hours.
    private static let manualBackups = 10

    let records: StoreRecords
    let jobs: JobEnqueuer
    let reservedSlugs: Set<String>
    let keepDeletedDays: Int
    let creation: StoreCreation

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores/:id/backups", for: .readStores, list)
        table.on(.post, "/api/stores/:id/backups", for: .changeStores, take)
        table.on(.post, "/api/stores/:id/restore", for: .changeStores, restore)
        table.on(.post, "/api/stores/:id/clone", for: .changeStores, clone)
        table.on(.get, "/api/stores/deleted", for: .readStores, query: ["scope"], deleted)
        table.on(.post, "/api/stores/:id/undelete", for: .changeStores, undelete)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await store(context)
        let backups = try await records.backups(of: store.id)
        let keepsBackups = try await records.keepsBackups()
        return .json(capacity: 4_096) { json in
            json.array("backups", backups) { json, backup in json.object { $0.fields(of: backup) } }
            json.field("keepsBackups", keepsBackups)
        }
    }

    @Sendable private func take(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await store(context)
        _ = try await JSONBody(request, optional: true)
        try await creation.requireKeepers()
        switch try await ask(for: store, context) {
        case .taken(let backup, _):
            var response = Response.json(status: .accepted) { json in json.object("backup") { $0.fields(of: backup) } }
            response.headers.add(.location, "/api/stores/\(store.id)/backups")
            return response
        case .running(let backup):
            throw APIError(.conflict, "Backup \(backup.id) of the store is running: wait for it", code: "backup-running")
        }
    }

    @Sendable private func restore(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await store(context)
        let body = try await RestoreRequest(request)
        if let confirmation = body.confirmation, confirmation != store.namespace.slug {
            throw APIError.wrong("confirm", "confirm must be the store's slug, \(store.namespace.slug)")
        }
        try await creation.requireKeepers()
        let outcome = try await records.restore(
            store.id,
            from: body.backup,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        switch outcome {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted("Store restore started", store)
        case .noBackup: throw APIError.backupNotFound("backup")
        case .notDone: throw APIError.backupNotDone("backup")
        case .newerVersion(let backup):
            let version = backup.chartVersion.map { " (\($0))" } ?? ""
            throw APIError(
                .conflict,
                "The backup is of a newer version\(version) than the store's: upgrade the store first",
                code: "newer-version",
                field: "backup"
            )
        case .busy: throw APIError(.conflict, "The store is being changed: restore it once that is done", code: "busy")
        case .notReady(let store): throw APIError(.conflict, store.restoreRefusal, code: "not-ready")
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func clone(_ request: Request, _ context: APIContext) async throws -> Response {
        let source = try await store(context)
        let body = try await CloneRequest(request)
        if let slug = body.slug, reservedSlugs.contains(slug.rawValue) { throw APIError.slugTaken(slug) }
        let key = try creation.idempotencyKey(request, digest: body.digest(source: source.id))
        try await creation.requireKeepers()
        let (backup, job) = try await backup(body, of: source, context)
        let copy = NewStore(
            name: body.name,
            engine: source.engine,
            owner: source.owner,
            role: try await context.role(of: source.owner, records),
            reservedSlugs: reservedSlugs,
            slug: body.slug,
            backup: backup.id,
            isStaging: body.isStaging,
            action: "store.clone",
            plan: source.spec.plan,
            idempotency: key,
            traceparent: TraceContext.current?.traceparent
        )
        do {
            let (store, isNew) = try await creation.accept(copy, context)
            if !isNew { await withdraw(job) }
            return .accepted("Store clone started", store)
        } catch {
            await withdraw(job)
            throw error
        }
    }

    /// What a copy is made of, and the job that was queued for it, if one was. Without a backup that is given, the store is saved as it is now; a backup that
    /// is under way is as good.
    private func backup(_ body: CloneRequest, of source: Store, _ context: APIContext) async throws -> (Backup, JobID?) {
        guard let id = body.backup else {
            switch try await ask(for: source, context) {
            case .taken(let backup, let job): return (backup, job)
            case .running(let backup): return (backup, nil)
            }
        }
        guard let backup = try await records.usableBackup(id, for: source) else { throw APIError.backupNotFound("backup") }
        guard backup.status == .done else { throw APIError.backupNotDone("backup") }
        return (backup, nil)
    }

    /// Of a copy that is not made.
    private func withdraw(_ job: JobID?) async {
        guard let job, case .cancelled? = try? await records.cancel(job, reason: "The copy that it was for is not made.") else { return }
        await jobs.notifyCancelled(job, reason: "not needed")
    }

    @Sendable private func deleted(_ request: Request, _ context: APIContext) async throws -> Response {
        let stores = try await records.deletedStores(visibleTo: try context.listed())
        let keepDays = try await records.keepsBackups() ? keepDeletedDays : 0
        return .json(capacity: 4_096) { json in
            json.array("stores", stores) { json, store in json.object { $0.fields(of: store) } }
            json.field("keepDays", keepDays)
        }
    }

    /// Said twice it answers with the store that it made before.
    @Sendable private func undelete(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        _ = try await JSONBody(request, optional: true)
        switch try await records.deletedStore(id, visibleTo: context.visibleTo) {
        case .broughtBack(let back):
            guard let store = try await records.store(back, visibleTo: context.visibleTo) else { throw APIError.storeNotFound }
            return .accepted("Store undelete started", store)
        case .keptNoLonger: throw APIError(.gone, "The store's backups are kept no longer", code: "kept-no-longer")
        case .notFound:
            guard try await records.sees(id, context.visibleTo) else { throw APIError.storeNotFound }
            throw APIError(.conflict, "The store is not deleted", code: "not-deleted")
        case .kept(let deleted):
            try await creation.requireKeepers()
            let back = NewStore(
                name: deleted.name,
                engine: deleted.engine,
                owner: deleted.owner,
                role: try await context.role(of: deleted.owner, records),
                reservedSlugs: reservedSlugs,
                formerNamespace: deleted.namespace,
                backup: deleted.backup.id,
                isStaging: deleted.isStaging,
                action: "store.undelete",
                plan: deleted.plan,
                idempotency: try creation.idempotencyKey(request, digest: CreateStoreRequest.digest(["undelete", id.rawValue])),
                traceparent: TraceContext.current?.traceparent
            )
            return .accepted("Store undelete started", try await creation.accept(back, context).store)
        }
    }

    private enum Asked {
        case taken(Backup, JobID)
        /// This one is under way.
        case running(Backup)
    }

    private func ask(for store: Store, _ context: APIContext) async throws -> Asked {
        let outcome = try await records.requestBackup(
            of: store.id,
            visibleTo: context.visibleTo,
            limit: Self.manualBackups,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        switch outcome {
        case .accepted(_, let backup, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .taken(backup, descriptor.id)
        case .running(let backup): return .running(backup)
        case .tooMany:
            throw APIError(
                .tooManyRequests,
                "\(Self.manualBackups) backups of the store were asked for within 24 hours: ask again later",
                code: "too-many-backups"
            )
        case .notReady(let store): throw APIError(.conflict, store.backupRefusal, code: "not-ready")
        case .notFound: throw APIError.storeNotFound
        }
    }

    private func store(_ context: APIContext) async throws -> Store {
        guard let id = context.storeID, let store = try await records.store(id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return store
    }
}
