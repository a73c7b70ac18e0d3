import Foundation
import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// Accounts, invitations and quotas under an admin's hand.
struct AccountRoutes: Sendable {
    let records: StoreRecords
    let authenticator: Authenticator

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/admin/accounts", for: .administer, query: ["q"], list)
        table.on(.post, "/api/admin/accounts/:id", for: .administer, change)
        table.on(.get, "/api/admin/accounts/:id/sessions", for: .administer, sessions)
        table.on(.delete, "/api/admin/accounts/:id/sessions", for: .administer, endSessions)
        table.on(.post, "/api/admin/invitations", for: .administer, invite)
    }

    /// `q`: those whose address contains it.
    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let part = context.query["q"]
        if let part, part.count > 200 || part.utf8.contains(0) { throw APIError.wrong("q", "q must have at most 200 characters") }
        let accounts = try await records.accounts(containing: part)
        return .json(capacity: 300 * (accounts.count + 1)) { json in
            json.array("accounts", accounts) { json, summary in
                json.object { json in
                    json.field("id", summary.account.id.rawValue)
                    json.field("email", summary.account.email.rawValue)
                    json.field("role", summary.account.role.rawValue)
                    json.field("createdAt", summary.account.createdAt)
                    json.field("disabledAt", summary.account.disabledAt)
                    json.field("stores", summary.used)
                    json.field("quota", summary.quota)
                }
            }
        }
    }

    /// Some of `role`, `disabled`, and `quota` (a number, or -1 for the role's).
    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try Self.id(context)
        let body = try await JSONBody(request, "role", "disabled", "quota")
        let (role, isDisabled, quota) = (try body.role(), try body.flag("disabled"), try body.number("quota", in: -1...1_000_000))
        guard role != nil || isDisabled != nil || quota != nil else {
            throw APIError(.badRequest, "Say what to change: role, disabled or quota")
        }
        guard try await records.account(id) != nil else { throw Self.notFound }
        // The last admin could lock everybody out, even by mistake.
        if id == context.user, isDisabled == true || (role ?? .admin) < .admin {
            throw APIError(.conflict, "You cannot remove your own admin role; another admin can")
        }
        let actor = context.operator
        if let role { _ = try await records.setRole(of: id, to: role, by: actor) }
        if let isDisabled { _ = try await records.setDisabled(id, isDisabled, by: actor) }
        if let quota {
            let told = quota < 0 ? "the role's" : "\(quota)"
            try await records.setQuotas([.stores: quota < 0 ? nil : quota], of: .user(id), told: told, by: actor)
        }
        return .json { $0.field("message", "The account is changed") }
    }

    /// The browsers in which the account is signed in.
    @Sendable private func sessions(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try Self.id(context)
        guard try await records.account(id) != nil else { throw Self.notFound }
        let sessions = try await records.sessions(of: id)
        var current: String?
        if case .session(let own) = context.principal?.means { current = own }
        return .json(capacity: 400 * (sessions.count + 1)) { json in
            json.array("sessions", sessions) { json, session in
                json.object { $0.fields(of: session, isCurrent: session.id == current) }
            }
        }
    }

    /// All of the account's, the one that asks, too, where it is one's own. What was signed before is believed for at most the minutes that an
    /// access token lives.
    @Sendable private func endSessions(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try Self.id(context)
        _ = try await JSONBody(request, optional: true)
        guard try await records.account(id) != nil else { throw Self.notFound }
        let ended = try await records.endSessions(of: id, id: nil, keeping: nil, by: context.operator)
        return .json { json in
            json.field("message", ended == 1 ? "One session is ended" : "\(ended) sessions are ended")
            json.field("ended", ended)
        }
    }

    private static let notFound = APIError(.notFound, "Account not found", code: "account-not-found")

    private static func id(_ context: APIContext) throws -> UserID {
        guard let id = context.parameters.get("id").flatMap({ UserID($0) }) else { throw notFound }
        return id
    }

    /// Some of `email`, `role` (user) and `days` (7).
    @Sendable private func invite(_ request: Request, _ context: APIContext) async throws -> Response {
        guard authenticator.accounts != nil else {
            throw APIError(.notFound, "Accounts are not managed here: AUTH_MODE is \(authenticator.modeName)")
        }
        let body = try await JSONBody(request, "email", "role", "days")
        let email = body["email"] == nil ? nil : try body.email()
        let (role, days) = (try body.role() ?? .user, try body.number("days", in: 1...90) ?? 7)
        let token = SecretToken.random(.invitation)
        try await records.invite(token.reference, email: email, role: role, by: context.operator, for: .seconds(days * 86_400))
        return .json(status: .created) { json in
            json.field("invitation", token.text)
            json.field("path", "/?invitation=\(token.text)")
        }
    }
}
