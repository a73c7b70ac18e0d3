import Hummingbird
import Identity
import JobDispatch
import Observability
import Sealing
import StoreDomain
import StoreRecords

/// A store's credentials, shown to its owner when it is asked for in so many words, and never elsewhere.
struct CredentialRoutes: Sendable {
    let credentials: SealedCredentials
    let jobs: JobEnqueuer
    let limits: StoreLimits

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/stores/:id/credentials/reveal", for: .revealCredentials, reveal)
        table.on(.post, "/api/stores/:id/credentials/regenerate", for: .revealCredentials, regenerate)
    }

    @Sendable private func reveal(_ request: Request, _ context: APIContext) async throws -> Response {
        let action = "credentials.reveal"
        let store = try await credentials.store(context, for: action)
        let opened = try await credentials.open(store, context, for: action)
        // First written down, then told.
        try await credentials.records.audit(context.operator, action, target: store.id.rawValue)
        return .json { json in
            json.field("adminUrl", store.adminURL)
            json.field("user", opened.user)
            json.field("password", opened.password)
        }
    }

    /// The store stays ready; the new password can be revealed once it is applied.
    @Sendable private func regenerate(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        let change = ChangeRequest(
            id,
            StoreChange(renewsPassword: true),
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent
        )
        switch try await credentials.records.change(change, limits: limits, action: "credentials.regenerate", by: context.operator) {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted("A new password is on its way", store)
        case .notFound: throw APIError.storeNotFound
        case .notReady(let store) where store.activity == .renewingPassword:
            throw APIError(.conflict, "A new password is on its way already")
        case .notReady, .unchanged, .scheduled, .stale, .smaller, .unitLimitReached, .noVersion, .blocked:
            throw APIError(.conflict, "Only a ready store can get a new password")
        }
    }
}
