import HTTPTypes
import StoreRecords

/// What a caller is told when a request does not succeed; every error of the API becomes one of these in `APIResponder`.
struct APIError: Error, Sendable, Equatable {
    let status: HTTPResponse.Status
    /// For people.
    let message: String
    /// For programs: a word that stays.
    let code: String
    /// The member of the body, the parameter or the header that is meant, if one is.
    var field: String?
    /// `Allow` of a 405.
    var allow: String?
    /// Seconds, of a 429 or 503.
    var retryAfter: Int?
    /// `WWW-Authenticate` of a 401.
    var challenge: String?
    /// The store's, of a 412.
    var generation: Int64?

    /// `code` nil: the status' own word.
    init(
        _ status: HTTPResponse.Status,
        _ message: String,
        code: String? = nil,
        field: String? = nil,
        allow: String? = nil,
        retryAfter: Int? = nil,
        challenge: String? = nil,
        generation: Int64? = nil
    ) {
        self.status = status
        self.message = message
        self.code = code ?? Self.code(of: status)
        self.field = field
        self.allow = allow
        self.retryAfter = retryAfter
        self.challenge = challenge
        self.generation = generation
    }

    /// A value that cannot be.
    static func wrong(_ field: String, _ message: String) -> APIError {
        APIError(.badRequest, message, code: "invalid-value", field: field)
    }

    static let storeNotFound = APIError(.notFound, "Store not found", code: "store-not-found")
    static let jobNotFound = APIError(.notFound, "Job not found", code: "job-not-found")
    static let rolloutNotFound = APIError(.notFound, "Rollout not found", code: "rollout-not-found")
    static func invalidUser(_ field: String) -> APIError {
        .wrong(field, "The user id must have 1 to 200 characters without control characters")
    }

    static let tooManyStreams = APIError(
        .tooManyRequests,
        "Too many event streams are open. Close one to open another.",
        code: "too-many-streams",
        retryAfter: 5
    )
    static let noMoreStreams = APIError(
        .serviceUnavailable,
        "This server has as many event streams as it can keep. Please try again.",
        code: "no-more-streams",
        retryAfter: 2
    )

    /// Says what is wrong where the server itself said it.
    static func unavailable(_ error: any DatabaseError) -> APIError {
        let problem = error.sqlState == nil ? nil : error.problem
        return APIError(
            .serviceUnavailable,
            "The database is not available right now\(problem.map { " (\($0))" } ?? ""). Please try again.",
            code: "database-unavailable",
            retryAfter: 2
        )
    }

    private static func code(of status: HTTPResponse.Status) -> String {
        switch status.code {
        case 400: "invalid-request"
        case 401: "unauthorized"
        case 403: "forbidden"
        case 404: "not-found"
        case 405: "method-not-allowed"
        case 409: "conflict"
        case 412: "precondition-failed"
        case 413: "body-too-large"
        case 414: "address-too-long"
        case 415: "unsupported-media-type"
        case 417: "expectation-failed"
        case 422: "idempotency-key-reused"
        case 429: "too-many-requests"
        case 501: "not-offered"
        case 503: "unavailable"
        case 500...: "internal"
        default: "refused"
        }
    }
}
