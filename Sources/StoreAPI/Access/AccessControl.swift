import HTTPTypes
import Hummingbird
import Identity

/// Lets a request to a route, or not: what `Policy` decides, and that a browser's request is its page's own.
struct AccessControl: Sendable {
    let authenticator: Authenticator
    /// Whether there is any token of the installation's.
    let hasInstallationToken: Bool

    /// The context with the stores that the request reaches. Throws `APIError`.
    func admit(_ request: Request, _ context: APIContext, for permission: Permission) throws -> APIContext {
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
                throw APIError(.forbidden, "The operator's routes are closed: set ADMIN_TOKEN to open them")
            }
            throw APIError.unauthorized("An operator's bearer token is needed")
        }
    }

    /// A cookie is sent with whatever asks, from whichever site; the session's anti-forgery token only by who could read it.
    private func refuseForgery(_ request: Request, _ principal: Principal?) throws {
        guard case .session(let session) = principal?.means, ![.get, .head, .options].contains(request.method) else { return }
        guard let signer = authenticator.accounts?.signer, let token = request.headers[.csrfToken],
            signer.isAntiForgeryToken(token, of: session)
        else { throw APIError(.forbidden, "The session's X-CSRF-Token is missing or wrong: reload the page") }
    }
}

extension HTTPField.Name {
    static let csrfToken = HTTPField.Name("X-CSRF-Token") ?? .from
}
