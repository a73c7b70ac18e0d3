import HTTPTypes
import Hummingbird
import Logging

/// Security headers and the request's id on every response; CORS for the origins on the list.
struct HeadersMiddleware<Context: RequestContext>: RouterMiddleware {
    let origins: Set<String>
    /// Pages of the origins that are named may send a session's cookies.
    let takesCookies: Bool
    /// How many proxies stand before the API: theirs is the word on how the request came.
    let proxies: Int

    func handle(_ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response) async throws
        -> Response
    {
        var context = context
        if let id = request.headers[.requestID], Self.isWellFormed(id) { context.logger[metadataKey: "hb.request.id"] = .string(id) }
        let origin = request.headers[.origin].flatMap { origins.contains($0) || origins.contains("*") ? $0 : nil }
        var response: Response
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            response = Response(status: .noContent)
            if origin != nil {
                response.headers[.accessControlAllowMethods] = "GET, POST, DELETE, OPTIONS"
                response.headers[.accessControlAllowHeaders] =
                    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, traceparent, X-CSRF-Token, X-Request-Id, X-User-Id"
                response.headers[.accessControlMaxAge] = "600"
            }
        } else {
            response = try await next(request, context)
        }
        if let origin {
            response.headers[.accessControlAllowOrigin] = origin
            if takesCookies, origins.contains(origin) { response.headers[.accessControlAllowCredentials] = "true" }
            response.headers[.accessControlExposeHeaders] = "X-Request-Id, Retry-After, traceresponse"
        }
        response.headers[.vary] = response.headers[.vary].map { $0 + ", Origin" } ?? "Origin"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.frameOptions] = "DENY"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.requestID] = context.id
        // Not for subdomains: shops may live below this host, by names of their own and without TLS.
        if cameByTLS(request) { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    /// Whether the outermost proxy was asked by TLS, as `X-Forwarded-Proto` has it: one entry from each proxy, or one that all pass on. What
    /// stands further left anybody can have written.
    private func cameByTLS(_ request: Request) -> Bool {
        let told = request.headers[values: .forwardedProto].flatMap { $0.split(separator: ",") }.map { $0.filter { !$0.isWhitespace } }
        return told.suffix(proxies).first?.lowercased() == "https"
    }

    /// 1 to 64 letters, digits, dots, lines and underscores: what may stand in a log.
    private static func isWellFormed(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

extension HTTPField.Name {
    static let userID = HTTPField.Name("X-User-Id") ?? .from
    static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .from
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .from
    static let forwardedProto = HTTPField.Name("X-Forwarded-Proto") ?? .from
    static let frameOptions = HTTPField.Name("X-Frame-Options") ?? .from
    static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .from
    static let traceparent = HTTPField.Name("traceparent") ?? .from
}
