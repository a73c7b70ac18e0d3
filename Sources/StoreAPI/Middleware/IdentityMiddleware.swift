import HTTPTypes
import Hummingbird
import Identity
import JobQueue
import StoreDomain

/// Finds out who asks, and counts what each user asks. What may be done is the routes' to say.
struct IdentityMiddleware: RouterMiddleware {
    let authenticator: Authenticator
    let limiter: RateLimiter
    let limits: AbuseLimits

    func handle(_ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response) async throws
        -> Response
    {
        guard request.uri.path.hasPrefix("/api/") else { return try await next(request, context) }
        var context = context
        do {
            context.principal = try await authenticator.principal(of: request, peer: context.peer)
        } catch let refusal as APIError {
            // A route that is for everybody is for who brings bad proof, too: to sign in anew.
            context.refusal = refusal
        }
        if limits.perUser > 0, let user = context.principal?.user {
            try await limiter.admit(Allowance(name: "user:\(user.rawValue)", requests: limits.perUser))
        }
        return try await next(request, context)
    }
}

extension RateLimiter {
    /// Counts one request. Throws 429 when it is one too many.
    func admit(_ allowance: Allowance) async throws {
        guard let wait = await spend(allowance) else { return }
        let seconds = Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0)
        throw APIError(.tooManyRequests, "Too many requests. Please try again in \(seconds) s.", retryAfter: seconds)
    }
}
