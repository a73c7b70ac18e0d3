import HTTPTypes
import Hummingbird
import Identity
import JobQueue
import StoreDomain

/// Stops what is too long, too often or ambiguous before any route sees it.
struct AbuseMiddleware: RouterMiddleware {
    static let longestURL = 4 * 1_024

    let limiter: RateLimiter
    let limits: AbuseLimits

    func handle(_ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response) async throws
        -> Response
    {
        guard request.uri.description.utf8.count <= Self.longestURL else {
            throw APIError(.uriTooLong, "The address may have \(Self.longestURL) bytes at most")
        }
        guard request.uri.path.hasPrefix("/api/") else { return try await next(request, context) }
        // Joined by commas, two names would be one that neither the proxy nor the caller meant.
        guard request.headers[values: .userID].count <= 1 else { throw APIError(.badRequest, "X-User-Id may be sent once") }
        if let wait = await limiter.spend(allowances(of: request, context)) {
            let seconds = Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0)
            throw APIError(.tooManyRequests, "Too many requests. Please try again in \(seconds) s.", retryAfter: seconds)
        }
        return try await next(request, context)
    }

    private func allowances(of request: Request, _ context: APIContext) -> [Allowance] {
        var allowances: [Allowance] = []
        if limits.perAddress > 0, let address = ClientAddress(of: request, peer: context.peer, proxies: limits.proxies) {
            allowances.append(Allowance(name: "address:\(address)", requests: limits.perAddress))
        }
        if limits.perUser > 0, let user = try? Caller(request).user {
            allowances.append(Allowance(name: "user:\(user.rawValue)", requests: limits.perUser))
        }
        return allowances
    }
}
