import HTTPTypes
import Hummingbird
import Identity
import JobQueue
import StoreDomain

/// Stops what is too long, too often or ambiguous, and finds out who asks. What may be done is the routes' to say.
struct Admission: Sendable {
    static let longestURL = 4 * 1_024

    let authenticator: Authenticator
    let limiter: RateLimiter
    let limits: RequestLimits

    /// Throws `APIError`.
    func admit(_ request: Request, _ context: inout APIContext) async throws {
        guard request.uri.description.utf8.count <= Self.longestURL else {
            throw APIError(.uriTooLong, "The URL is longer than \(Self.longestURL) bytes")
        }
        // What the server below could not decode, it has put U+FFFD for.
        guard !request.uri.description.hasReplacement, String(percentEncoded: request.uri.path.utf8, plusIsSpace: false) != nil else {
            throw APIError(.badRequest, "The address is not UTF-8 in percent encoding", code: "not-utf-8")
        }
        guard request.isForAPI else { return }
        if let field = request.headers.first(where: { $0.value.hasReplacement }) {
            let name = field.name.rawName
            throw APIError(.badRequest, "The header \(name) is not UTF-8", code: "not-utf-8", field: name)
        }
        context.query = try Query(request.uri.query)
        // Joined by commas, two names would be one that neither the proxy nor the caller meant.
        guard !request.headers.hasTwo(.userID) else {
            throw APIError(.badRequest, "Send exactly one X-User-Id header", code: "given-twice", field: "X-User-Id")
        }
        context.address = ClientAddress(of: request, peer: context.peer, proxies: limits.proxies)
        if limits.perAddress > 0, let address = context.address {
            try await limiter.admit(RateLimit(name: "address:\(address)", requests: limits.perAddress))
        }
        do {
            context.principal = try await authenticator.principal(of: request, query: context.query, peer: context.peer)
        } catch let refusal as APIError {
            // A route that is for everybody is for who brings bad proof, too: to sign in anew.
            context.refusal = refusal
        }
        if limits.perUser > 0, let user = context.principal?.user {
            try await limiter.admit(RateLimit(name: "user:\(user.rawValue)", requests: limits.perUser))
        }
    }
}

extension RateLimiter {
    /// Counts one request. Throws 429 when it is one too many.
    func admit(_ rateLimit: RateLimit) async throws {
        guard let wait = await spend(rateLimit) else { return }
        let seconds = Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0)
        throw APIError(.tooManyRequests, "Too many requests. Please try again in \(seconds) s.", retryAfter: seconds)
    }
}

extension HTTPFields {
    fileprivate func hasTwo(_ name: HTTPField.Name) -> Bool {
        guard let first = firstIndex(where: { $0.name == name }) else { return false }
        return self[(first + 1)...].contains { $0.name == name }
    }
}

extension HTTPField.Name {
    static let userID = HTTPField.Name("X-User-Id") ?? .from
}
