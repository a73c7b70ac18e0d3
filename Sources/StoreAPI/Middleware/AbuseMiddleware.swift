import HTTPTypes
import Hummingbird
import JobQueue

/// Stops what is too long, too often or ambiguous before anybody looks at who asks.
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
        var context = context
        context.address = ClientAddress(of: request, peer: context.peer, proxies: limits.proxies)
        if limits.perAddress > 0, let address = context.address {
            try await limiter.admit(Allowance(name: "address:\(address)", requests: limits.perAddress))
        }
        return try await next(request, context)
    }
}
