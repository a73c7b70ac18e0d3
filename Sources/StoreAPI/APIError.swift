import HTTPTypes

/// What a caller is told when a request does not succeed; every error of the API becomes one of these in `APIResponder`.
struct APIError: Error, Sendable, Equatable {
    let status: HTTPResponse.Status
    /// For people.
    let message: String
    /// `Allow` of a 405.
    var allow: String?
    /// Seconds, of a 429 or 503.
    var retryAfter: Int?
    /// `WWW-Authenticate` of a 401.
    var challenge: String?

    init(_ status: HTTPResponse.Status, _ message: String, allow: String? = nil, retryAfter: Int? = nil, challenge: String? = nil) {
        self.status = status
        self.message = message
        self.allow = allow
        self.retryAfter = retryAfter
        self.challenge = challenge
    }

    static let storeNotFound = APIError(.notFound, "Store not found")
    static let jobNotFound = APIError(.notFound, "Job not found")
    static let invalidUser = APIError(.badRequest, "The user id must have 1 to 200 characters without control characters")
    static let tooManyStreams = APIError(.tooManyRequests, "Too many event streams are open. Close one to open another.", retryAfter: 5)
    static let unavailable = APIError(.serviceUnavailable, "The database is not available right now. Please try again.", retryAfter: 2)
}
