import HTTPTypes
import Hummingbird

/// Security headers and the request's id on every response; CORS for the origins on the list.
struct ResponseHeaders: Sendable {
    /// What every response has.
    private static let common: HTTPFields = [
        .xContentTypeOptions: "nosniff",
        .frameOptions: "DENY",
        .referrerPolicy: "no-referrer",
    ]
    private static let nothingMayLoad = HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'")
    private static let notStored = HTTPField(name: .cacheControl, value: "no-store")
    private static let variesByOrigin = HTTPField(name: .vary, value: "Origin")

    let origins: Set<String>
    /// Pages of the origins that are named may send a session's cookies.
    let takesCookies: Bool
    /// How many proxies stand before the API: theirs is the word on how the request came.
    let proxies: Int

    /// The answer to a browser that asks whether a page of another origin may send a request; `nil` when it asks something else.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, request.headers.contains(.accessControlRequestMethod) else { return nil }
        var response = Response(status: .noContent)
        if allowedOrigin(of: request) != nil {
            response.headers[.accessControlAllowMethods] = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
            response.headers[.accessControlAllowHeaders] =
                "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, traceparent, X-CSRF-Token, X-Request-Id, X-User-Id"
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }

    /// What a route has set itself of vary, content security and caching stays.
    func add(to response: inout Response, for request: Request, id: String) {
        if let origin = allowedOrigin(of: request) {
            response.headers.add(.accessControlAllowOrigin, origin)
            if takesCookies, origins.contains(origin) { response.headers.add(.accessControlAllowCredentials, "true") }
            response.headers.add(.accessControlExposeHeaders, "ETag, X-Request-Id, Retry-After, traceresponse")
        }
        if response.headers.contains(.vary) {
            response.headers[.vary]? += ", Origin"
        } else {
            response.headers.append(Self.variesByOrigin)
        }
        if !response.headers.contains(.contentSecurityPolicy) { response.headers.append(Self.nothingMayLoad) }
        if !response.headers.contains(.cacheControl) { response.headers.append(Self.notStored) }
        response.headers.append(contentsOf: Self.common)
        response.headers.add(.requestID, id)
        // Not for subdomains: stores may live below this host, by names of their own and without TLS.
        if cameByTLS(request) { response.headers.add(.strictTransportSecurity, "max-age=31536000") }
    }

    private func allowedOrigin(of request: Request) -> String? {
        request.headers[.origin].flatMap { origins.contains($0) || origins.contains("*") ? $0 : nil }
    }

    /// Whether the outermost proxy was asked by TLS, as `X-Forwarded-Proto` has it: one entry from each proxy, or one that all pass on. What
    /// stands further left anybody can have written.
    private func cameByTLS(_ request: Request) -> Bool {
        guard proxies > 0 else { return false }
        let told = request.headers[values: .forwardedProto].flatMap { $0.split(separator: ",") }.map { $0.filter { !$0.isWhitespace } }
        return told.suffix(proxies).first?.lowercased() == "https"
    }

    /// 1 to 64 letters, digits, dots, lines and underscores: what may stand in a log.
    static func isWellFormed(requestID id: String) -> Bool {
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
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .from
    static let forwardedProto = HTTPField.Name("X-Forwarded-Proto") ?? .from
    static let frameOptions = HTTPField.Name("X-Frame-Options") ?? .from
    static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .from
}
