import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Postgres

/// The one place where errors become responses: `{"error": "…"}` with the right status, without internals.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(_ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response) async throws
        -> Response
    {
        do {
            return try await next(request, context)
        } catch {
            let told = translate(error, context: context)
            var json = JSONWriter(capacity: 256)
            json.object {
                $0.field("error", told.message)
                if told.status.code >= 500 { $0.field("requestId", context.id) }
            }
            var headers = HTTPFields()
            headers[.contentType] = "application/json; charset=utf-8"
            headers[.allow] = told.allow
            headers[.wwwAuthenticate] = told.challenge
            headers[.retryAfter] = told.retryAfter.map(String.init)
            return Response(status: told.status, headers: headers, body: .init(byteBuffer: json.buffer))
        }
    }

    private func translate(_ error: any Error, context: Context) -> APIError {
        switch error {
        case let error as APIError:
            return error
        case let error as HTTPError where error.status == .notFound:
            return APIError(.notFound, "There is nothing at this address")
        case let error as HTTPError:
            return APIError(error.status, error.body ?? error.status.reasonPhrase)
        case let error as PostgresError where error.isUnavailable:
            context.logger.warning("PostgreSQL is away", metadata: ["error": "\(error)"])
            return .unavailable
        default:
            context.logger.error("A request failed", metadata: ["error": "\(error)"])
            return APIError(.internalServerError, "Something went wrong on our side")
        }
    }
}
