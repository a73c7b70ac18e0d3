import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Sealing
import StoreDomain
import StoreRecords

/// Opens a store's administration signed in, for whoever may see its password.
struct AdminSessionRoutes: Sendable {
    let credentials: SealedCredentials

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/stores/:id/admin-session", for: .revealCredentials, open)
    }

    @Sendable private func open(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await credentials.store(context, for: AdminSession.action)
        let opened = try await credentials.open(store, context, for: AdminSession.action)
        let url: String
        do throws(AdminSession.Refusal) {
            url = try AdminSession.url(of: store, opened, now: Date())
        } catch {
            throw APIError(.conflict, error.message, code: error.code)
        }
        // First written down, then told.
        try await credentials.records.audit(context.operator, AdminSession.action, target: store.id.rawValue)
        return .json { json in json.field("url", url) }
    }
}
