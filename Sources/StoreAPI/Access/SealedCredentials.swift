import HTTPTypes
import Hummingbird
import Logging
import Sealing
import StoreDomain
import StoreRecords

/// Stores' credentials as the workers sealed them, for routes that open them. `action` is what the audit calls it.
struct SealedCredentials: Sendable {
    let records: StoreRecords
    /// `nil`: nothing is opened.
    let seal: CredentialSeal?

    /// The caller's own store. Who asks for another's is told that there is no such store; the audit is told that somebody tried. A store that
    /// nobody has is nobody's, so guesses do not fill the table.
    func store(_ context: APIContext, for action: String) async throws -> Store {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        if let store = try await records.store(id, visibleTo: context.visibleTo) { return store }
        if try await records.store(id, visibleTo: nil) != nil { try await refused(context, id, action, "another's store") }
        throw APIError.storeNotFound
    }

    func open(_ store: Store, _ context: APIContext, for action: String) async throws -> AdminCredentials {
        guard let seal else {
            throw APIError(.notImplemented, "Credential access is not enabled: CREDENTIALS_KEYS is not set")
        }
        guard let sealed = try await records.sealedCredentials(of: store.id) else {
            throw APIError(.conflict, "There are no credentials yet: they are made while the store is installed")
        }
        do {
            return try seal.open(sealed, of: store.id)
        } catch {
            context.logger.error("Credentials cannot be opened", metadata: ["store": "\(store.id)", "error": "\(error)"])
            try await refused(context, store.id, action, "the sealed credentials cannot be opened")
            throw APIError(.internalServerError, "The credentials cannot be opened. Please tell the operators of this installation.")
        }
    }

    private func refused(_ context: APIContext, _ id: StoreID, _ action: String, _ why: String) async throws {
        try await records.audit(context.operator, action, target: id.rawValue, detail: why, outcome: .refused)
    }
}
