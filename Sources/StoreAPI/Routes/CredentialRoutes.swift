import Hummingbird
import Identity
import Logging
import Sealing
import StoreDomain
import StoreRecords

/// A shop's credentials, shown to its owner when it is asked for in so many words, and never elsewhere.
struct CredentialRoutes: Sendable {
    let records: StoreRecords
    let seal: CredentialSeal?

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/stores/:id/credentials/reveal", for: .revealCredentials, reveal)
    }

    @Sendable private func reveal(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, let store = try await records.store(id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        guard let seal else {
            throw APIError(.notImplemented, "This installation hands no credentials over: its operators have not set CREDENTIALS_KEYS")
        }
        guard let sealed = try await records.sealedCredentials(of: id) else {
            throw APIError(.conflict, "There are no credentials yet: they are made while the store is installed")
        }
        let credentials: AdminCredentials
        do {
            credentials = try seal.open(sealed, of: id)
        } catch {
            context.logger.error("Credentials cannot be opened", metadata: ["store": "\(id)", "error": "\(error)"])
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
}
