import HTTPTypes
import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// Lets a request to a route, or not: what `Policy` decides, and that a browser's request is its page's own.
struct AccessControl: Sendable {
    let authenticator: Authenticator
    let records: StoreRecords
    /// Whether there is any token of the installation's.
    let hasInstallationToken: Bool

    /// The context with the stores that the request reaches. Throws `APIError`; who is known and tried to change what they may not is
    /// in the audit.
    func admit(_ request: Request, _ context: APIContext, for permission: Permission) async throws -> APIContext {
        do {
            return try decide(request, context, permission)
        } catch let refusal as APIError where refusal.status == .forbidden && context.principal != nil && request.changes {
            let route = "\(request.method.rawValue) \(request.uri.path)"
            try await records.audit(
                context.operator,
                "request",
                target: String(route.prefix(200)),
                detail: refusal.message,
                outcome: .refused
            )
            throw refusal
        }
    }

    /// Why a store is not found: members, who see it, are told that they may not do this. Everybody else is told no more than before.
    func explain(_ error: APIError, _ context: APIContext) async throws -> APIError {
        guard let user = context.user, case .own = context.reach, let id = context.storeID,
            let role = try await records.role(of: user, in: id), role < .owner
        else { return error }
        let text = role == .viewer ? "its managers and its owner may do this" : "only its owner may do this"
        return APIError(.forbidden, "You are a \(role.rawValue) of this store: \(text)", code: "role-too-low")
    }

    private func decide(_ request: Request, _ context: APIContext, _ permission: Permission) throws -> APIContext {
        if permission != .open, let refusal = context.refusal { throw refusal }
        switch Policy.decide(permission, context.principal) {
        case .allowed(let reach):
            if permission != .open { try refuseForgery(request, context.principal) }
            var context = context
            context.reach = reach
            return context
        case .forbidden(let why):
            throw APIError(.forbidden, why)
        case .signInNeeded:
            guard context.principal?.means == .header else { throw APIError.unauthorized("Sign in first") }
            guard hasInstallationToken else {
                throw APIError(.forbidden, "The operator API is disabled: set ADMIN_TOKEN")
            }
            throw APIError.unauthorized("An operator's bearer token is needed")
        }
    }

    /// A cookie is sent with whatever asks, from whichever site; the session's anti-forgery token only by who could read it.
    private func refuseForgery(_ request: Request, _ principal: Principal?) throws {
        guard case .session(let session) = principal?.means, request.changes else { return }
        guard let signer = authenticator.accounts?.signer, let token = request.headers[.csrfToken],
            signer.isAntiForgeryToken(token, of: session)
        else { throw APIError(.forbidden, "The session's X-CSRF-Token is missing or wrong: reload the page") }
    }
}

extension Request {
    fileprivate var changes: Bool { ![.get, .head, .options].contains(method) }
}

extension HTTPField.Name {
    static let csrfToken = HTTPField.Name("X-CSRF-Token") ?? .from
}
