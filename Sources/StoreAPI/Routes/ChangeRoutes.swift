import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Observability
import StoreDomain
import StoreRecords

/// Changes of what a store is to be: each request is one generation of its spec, and a job makes it true.
struct ChangeRoutes: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    let limits: StoreLimits

    func add(to table: inout RouteTable) {
        table.on(.patch, "/api/stores/:id", for: .changeStores, change)
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        let body = try await ChangeStoreRequest(request)
        let change = ChangeRequest(
            id,
            body.change,
            generation: body.generation,
            visibleTo: context.visibleTo,
            role: try await context.role(of: try await context.store(records).owner, records),
            traceparent: TraceContext.current?.traceparent
        )
        switch try await records.change(change, limits: limits, by: context.operator) {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted("Store change started", store)
        case .unchanged(let store): return .accepted("Nothing to change: the store is as asked for", store, status: .ok)
        case .scheduled(let store): return .accepted("Schedule changed", store, status: .ok)
        case .stale(let store):
            throw APIError(
                .preconditionFailed,
                "The store was changed meanwhile: its generation is \(store.generation)",
                code: "stale",
                field: "If-Match",
                generation: store.generation
            )
        case .notReady(let store): throw APIError(.conflict, store.changeRefusal, code: "not-ready")
        case .smaller(let store, let field):
            let size = field == "storage.database" ? store.spec.database : store.spec.uploads
            throw APIError(
                .badRequest,
                "A volume cannot shrink: \(field) is \(size.map(\.description) ?? "larger") now",
                code: "smaller",
                field: field
            )
        case .unitLimitReached(let used, let limit): throw APIError.unitLimit(used, limit)
        case .noVersion(let store):
            let versions = try await records.charts().filter { $0.engine == store.engine }.map(\.version.rawValue)
            let text = versions.isEmpty ? "no worker is there to tell which ones" : "there are \(versions.joined(separator: ", "))"
            throw APIError.wrong("version", "No worker has this version of the store's chart: \(text)")
        case .blocked:
            let text =
                "This version was tried, did not prove itself in the store, and the store went back. Choose a newer one, or ask the operators"
            throw APIError(.conflict, text, code: "version-blocked", field: "version")
        case .notFound: throw APIError.storeNotFound
        }
    }

}

extension APIContext {
    /// A quota may be the role's. Whoever changes another's store acts within its owner's quota.
    func role(of owner: UserID?, _ records: StoreRecords) async throws -> Role {
        guard let owner, owner != user else { return principal?.role ?? .user }
        return try await records.role(of: owner)
    }
}
