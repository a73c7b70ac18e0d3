import Foundation
import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// Tokens for scripts, under their owner's hand. Each is told once, when it is made.
struct TokenRoutes: Sendable {
    let records: StoreRecords
    let authenticator: Authenticator

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/auth/tokens", for: .manageAccount, list)
        table.on(.post, "/api/auth/tokens", for: .manageAccount, create)
        table.on(.delete, "/api/auth/tokens/:id", for: .manageAccount, revoke)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let tokens = try await records.apiTokens(of: try user(context))
        return .json(capacity: 300 * (tokens.count + 1)) { json in
            json.array("tokens", tokens) { json, token in json.object { $0.fields(of: token) } }
        }
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try user(context)
        let wanted = try await JSONBody(request, "name", "scopes", "days").newToken()
        let role = context.principal?.role ?? .user
        if role < .operator, wanted.scopes.contains(.operate) { throw APIError(.forbidden, "Only operators can grant queue:operate") }
        if role < .admin, wanted.scopes.contains(.administer) { throw APIError(.forbidden, "Only admins can grant accounts:administer") }
        let token = SecretToken.random(.api)
        try await records.audit(
            context.operator,
            "token.create",
            target: token.id,
            detail: "\(wanted.name): \(wanted.scopes.map(\.rawValue).sorted().joined(separator: " "))"
        )
        guard
            let made = try await records.createAPIToken(
                token.reference,
                of: user,
                role: role,
                name: wanted.name,
                scopes: wanted.scopes,
                until: wanted.until
            )
        else { throw APIError(.conflict, "Token limit (\(StoreRecords.mostAPITokens)) reached; revoke one") }
        return .json(status: .created) { json in
            json.object("token") { $0.fields(of: made) }
            // It cannot be shown again.
            json.field("secret", token.text)
        }
    }

    @Sendable private func revoke(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try user(context)
        guard let id = context.parameters.get("id"), try await records.revokeAPIToken(id, of: user, by: context.operator) else {
            throw APIError(.notFound, "There is no such token", code: "token-not-found")
        }
        return .json { $0.field("message", "The token is revoked") }
    }

    private func user(_ context: APIContext) throws -> UserID {
        guard authenticator.hasTokens, let user = context.user else { throw APIError(.forbidden, "This is for people who are signed in") }
        return user
    }
}

extension JSONWriter {
    fileprivate mutating func fields(of token: APIToken) {
        field("id", token.id)
        field("name", token.name)
        array("scopes", token.scopes.map(\.rawValue).sorted()) { json, scope in json.text(scope) }
        field("createdAt", token.createdAt)
        field("expiresAt", token.expiresAt)
        field("lastUsedAt", token.lastUsedAt)
    }
}
