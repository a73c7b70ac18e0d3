import CoreMetrics
import Metrics
import HTTPTypes
import Hummingbird
import Observability
import Synchronization

/// Times every request, and makes each one of the API's the beginning or a part of a trace; the answer names it in `traceresponse`.
struct ObservationMiddleware<Context: RequestContext>: RouterMiddleware {
    private let timers = RequestTimers()

    func handle(_ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response) async throws
        -> Response
    {
        let begin = ContinuousClock.now
        // The errors' middleware stands within: nothing is thrown here.
        let response = request.uri.path.hasPrefix("/api/") ? try await traced(request, context, next) : try await next(request, context)
        // What no route has is one, however many addresses are tried.
        let key = RequestTimers.Key(
            route: context.endpointPath ?? "none",
            method: request.method,
            status: response.status.code
        )
        timers.record(key, .now - begin)
        return response
    }

    private func traced(_ request: Request, _ context: Context, _ next: @concurrent (Request, Context) async throws -> Response)
        async throws
        -> Response
    {
        let parent = request.headers[.traceparent].flatMap { TraceContext(traceparent: $0) }
        return try await Tracing.span(request.method.rawValue, kind: .server, parent: parent) { notes in
            var response = try await next(request, context)
            notes.rename("\(request.method.rawValue) \(context.endpointPath ?? "none")")
            notes.add("http.request.method", request.method.rawValue)
            notes.add("http.response.status_code", String(response.status.code))
            notes.add("request.id", context.id)
            if response.status.code >= 500 { notes.fail("status \(response.status.code)") }
            response.headers[.traceresponse] = TraceContext.current?.traceparent
            return response
        }
    }
}

/// The timers of routes, each made once: making one costs more than recording.
private final class RequestTimers: Sendable {
    struct Key: Hashable {
        let route: String
        let method: HTTPRequest.Method
        let status: Int
    }

    private let timers = Mutex<[Key: Timer]>([:])

    func record(_ key: Key, _ duration: Duration) {
        let timer = timers.withLock { timers in
            if let known = timers[key] { return known }
            let timer = Timer(
                label: "storeweaver_http_request_seconds",
                dimensions: [("route", key.route), ("method", key.method.rawValue), ("status", String(key.status))]
            )
            timers[key] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}

extension HTTPField.Name {
    fileprivate static let traceresponse = HTTPField.Name("traceresponse") ?? .from
}
