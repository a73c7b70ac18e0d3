import HTTPTypes
import Hummingbird

/// Security headers and the request's id on every response; CORS for the origins on the list.
struct HeadersMiddleware<Context: RequestContext>: RouterMiddleware {
    let origins: Set<String>

    func handle(_ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response) async throws
        -> Response
    {
        let origin = request.headers[.origin].flatMap { origins.contains($0) || origins.contains("*") ? $0 : nil }
        var response: Response
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            response = Response(status: .noContent)
            if origin != nil {
                response.headers[.accessControlAllowMethods] = "GET, POST, DELETE, OPTIONS"
                response.headers[.accessControlAllowHeaders] = "Content-Type, X-User-Id, Idempotency-Key, X-Request-Id"
                response.headers[.accessControlMaxAge] = "600"
            }
        } else {
            response = try await next(request, context)
        }
        if let origin {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlExposeHeaders] = "X-Request-Id, Retry-After"
        }
        response.headers[.vary] = response.headers[.vary].map { $0 + ", Origin" } ?? "Origin"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.requestID] = context.id
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}

extension HTTPField.Name {
    static let userID = HTTPField.Name("X-User-Id") ?? .from
    static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .from
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    static let traceparent = HTTPField.Name("traceparent") ?? .from
}
