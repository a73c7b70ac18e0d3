import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import StoreRecords

/// The one place where errors become responses: `{"error": "…", "code": "…"}` with the right status, without internals; beside them the members of
/// RFC 9457, for clients that know those.
extension Response {
    static func failure(_ error: any Error, context: APIContext) -> Response {
        let told = APIError(telling: error, context: context)
        var json = JSONWriter(capacity: 512)
        json.object {
            $0.field("error", told.message)
            $0.field("code", told.code)
            if let field = told.field { $0.field("field", field) }
            if let generation = told.generation { $0.field("generation", Int(generation)) }
            $0.field("requestId", context.id)
            $0.field("type", "about:blank")
            $0.field("title", told.status.reasonPhrase)
            $0.field("status", told.status.code)
            $0.field("detail", told.message)
        }
        var headers = HTTPFields()
        headers.add(.contentType, "application/json; charset=utf-8")
        headers.add(.allow, told.allow)
        headers.add(.wwwAuthenticate, told.challenge)
        headers.add(.retryAfter, told.retryAfter.map(String.init))
        headers.add(.eTag, told.generation.map { "\"\($0)\"" })
        return Response(status: told.status, headers: headers, body: .init(byteBuffer: json.buffer))
    }
}

extension APIError {
    fileprivate init(telling error: any Error, context: APIContext) {
        switch error {
        case let error as APIError:
            self = error
        case let error as any DatabaseError where error.isUnavailable:
            context.logger.warning("PostgreSQL cannot serve a request", metadata: ["error": "\(error)"])
            self = .unavailable(error)
        default:
            context.logger.error("A request failed", metadata: ["error": "\(error)"])
            self.init(.internalServerError, "Something went wrong on our side")
        }
    }
}
