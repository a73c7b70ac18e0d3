import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Observability
import StoreDomain
import StoreRecords

/// Backups of stores, and what is made of them: the store as it was, a copy, a store that was deleted.
struct BackupRoutes: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    let copies: StoreCopies
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
        let store = try await context.store(records)
        let backups = try await records.backups(of: store.id)
        guard let standing = try await records.backupStanding(of: store.id) else { throw APIError.storeNotFound }
        return .json(capacity: 4_096) { json in
            json.array("backups", backups) { json, backup in json.object { $0.fields(of: backup) } }
            json.field("keepsBackups", standing.isKept)
            json.field("checkedAt", standing.check?.at)
            json.field("checkError", standing.check?.damage)
            json.field("nextBackupAt", standing.next)
            json.field("usedBytes", Int(standing.used))
        }
    }

    @Sendable private func take(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records)
        _ = try await JSONBody(request, optional: true)
        try await creation.requireKeepers()
        let outcome = try await records.requestBackup(
            of: store.id,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        guard case .accepted(let store, let backup, let descriptor) = outcome else { throw refusal(outcome) }
        context.note(descriptor)
        await jobs.enqueue(descriptor)
        var response = Response.json(status: .accepted) { json in json.object("backup") { $0.fields(of: backup) } }
        response.headers.add(.location, "/api/stores/\(store.id)/backups")
        return response
    }

    @Sendable private func restore(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records)
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
        let source = try await context.store(records, as: .owner)
        let body = try await CloneRequest(request)
        let key = try creation.idempotencyKey(request, digest: body.digest(source: source.id))
        try await creation.requireKeepers()
        let outcome = try await copies.clone(
            CloneOrder(of: source, name: body.name, slug: body.slug, backup: body.backup, isStaging: body.isStaging, idempotency: key),
            visibleTo: context.visibleTo,
            role: try await context.role(of: source.owner, records),
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        switch outcome {
        case .created(let created):
            let slug = body.slug ?? StoreSlug(of: body.name.rawValue)
            return .accepted("Store clone started", try creation.store(created, slug: slug, context))
        case .noneTaken(let why): throw refusal(why)
        case .noBackup: throw APIError.backupNotFound("backup")
        case .notDone: throw APIError.backupNotDone("backup")
        }
    }

    @Sendable private func deleted(_ request: Request, _ context: APIContext) async throws -> Response {
        let stores = try await records.deletedStores(of: try context.listed())
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
        // A store that is there, or was brought back, is told of where no worker keeps backups, too.
        if case .kept = try await records.deletedStore(id, visibleTo: context.visibleTo) { try await creation.requireKeepers() }
        let outcome = try await copies.undelete(
            id,
            visibleTo: context.visibleTo,
            role: { try await context.role(of: $0, records) },
            idempotency: try creation.idempotencyKey(request, digest: CreateStoreRequest.digest(["undelete", id.rawValue])),
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        switch outcome {
        case .created(let created):
            return .accepted("Store undelete started", try creation.store(created, slug: StoreSlug(of: ""), context))
        case .broughtBack(let store): return .accepted("Store undelete started", store)
        case .keptNoLonger: throw APIError(.gone, "The store's backups are kept no longer", code: "kept-no-longer")
        case .notFound:
            guard try await records.sees(id, context.visibleTo) else { throw APIError.storeNotFound }
            throw APIError(.conflict, "The store is not deleted", code: "not-deleted")
        }
    }

    private func refusal(_ outcome: BackupOutcome) -> APIError {
        switch outcome {
        case .accepted(let store, _, _), .notReady(let store): APIError(.conflict, store.backupRefusal, code: "not-ready")
        case .running(let backup):
            APIError(.conflict, "Backup \(backup.id) of the store is running: wait for it", code: "backup-running")
        case .tooMany:
            APIError(
                .tooManyRequests,
                "\(StoreRecords.manualBackupsPerDay) backups of the store were asked for within 24 hours: ask again later",
                code: "too-many-backups"
            )
        case .notFound: APIError.storeNotFound
        }
    }
}
