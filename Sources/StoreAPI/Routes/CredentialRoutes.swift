import Hummingbird
import Identity
import JobDispatch
import Logging
import Observability
import Sealing
import StoreDomain
import StoreRecords

/// A store's credentials, shown to its owner when it is asked for in so many words, and never elsewhere.
struct CredentialRoutes: Sendable {
    let records: StoreRecords
    let seal: CredentialSeal?
    let jobs: JobEnqueuer
    let limits: StoreLimits

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/stores/:id/credentials/reveal", for: .revealCredentials, reveal)
        table.on(.post, "/api/stores/:id/credentials/regenerate", for: .revealCredentials, regenerate)
    }

    @Sendable private func reveal(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, let store = try await records.store(id, visibleTo: context.visibleTo) else {
            try await writeDownAttempt(context)
            throw APIError.storeNotFound
        }
        guard let seal else {
            throw APIError(.notImplemented, "Credential access is not enabled: CREDENTIALS_KEYS is not set")
        }
        guard let sealed = try await records.sealedCredentials(of: id) else {
            throw APIError(.conflict, "There are no credentials yet: they are made while the store is installed")
        }
        let credentials: AdminCredentials
        do {
            credentials = try seal.open(sealed, of: id)
        } catch {
            context.logger.error("Credentials cannot be opened", metadata: ["store": "\(id)", "error": "\(error)"])
            try await refused(context, id, "the sealed credentials cannot be opened")
            throw APIError(.internalServerError, "The credentials cannot be opened. Please tell the operators of this installation.")
        }
        // First written down, then told.
        try await records.audit(context.operator, "credentials.reveal", target: id.rawValue)
        return .json { json in
            json.field("adminUrl", store.adminURL)
            json.field("user", credentials.user)
            json.field("password", credentials.password)
        }
    }

    /// Who asks for another's credentials is told that there is no such store; the audit is told that somebody tried. A store that nobody
    /// has is nobody's, so guesses do not fill the table.
    private func writeDownAttempt(_ context: APIContext) async throws {
        guard let id = context.storeID, try await records.store(id, visibleTo: nil) != nil else { return }
        try await refused(context, id, "another's store")
    }

    private func refused(_ context: APIContext, _ id: StoreID, _ why: String) async throws {
        try await records.audit(context.operator, "credentials.reveal", target: id.rawValue, detail: why, outcome: .refused)
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
        switch try await records.change(change, limits: limits, action: "credentials.regenerate", by: context.operator) {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted("A new password is on its way", store)
        case .notFound: throw APIError.storeNotFound
        case .notReady(let store) where store.activity == .renewingPassword:
            throw APIError(.conflict, "A new password is on its way already")
        case .notReady, .unchanged, .scheduled, .stale, .smaller, .unitLimitReached, .noVersion:
            throw APIError(.conflict, "Only a ready store can get a new password")
        }
    }
}
