import HTTPTypes
import Hummingbird
import Logging
import Observability
import Program
import StoreRecords

/// What every request goes through on its way to its route and back. One responder rather than a chain of middlewares: each of those is a frame of the
/// task, a closure and a copy of the context, which together cost more than what they do.
struct APIResponder<Routes: HTTPResponder<APIContext>>: HTTPResponder {
    let routes: Routes
    let admission: Admission
    let headers: ResponseHeaders
    let records: StoreRecords
    /// What a reader gets at an address that nothing has.
    let page: @Sendable (Request) throws -> Response
    private let timers = RequestTimers()

    init(
        routes: Routes,
        admission: Admission,
        headers: ResponseHeaders,
        records: StoreRecords,
        page: @escaping @Sendable (Request) throws -> Response
    ) {
        self.routes = routes
        self.admission = admission
        self.headers = headers
        self.records = records
        self.page = page
    }

    /// Throws nothing: what goes wrong is a response.
    @concurrent func respond(to request: Request, context: APIContext) async -> Response {
        let begin = ContinuousClock.now
        var context = context
        if let id = request.headers[.requestID], ResponseHeaders.isWellFormed(requestID: id) {
            context.logger[metadataKey: "hb.request.id"] = .string(id)
        }
        var response = request.isForAPI ? await traced(request, context) : await answer(request, &context)
        headers.add(to: &response, for: request, id: context.id)
        // Its length stays; what followed it would be taken for the next response's beginning.
        if request.method == .head { response = response.createHeadResponse() }
        let key = RequestTimers.Key(route: context.told(of: request), method: request.method, status: response.status.code)
        timers.record(key, .now - begin)
        return response
    }

    /// The beginning or a part of a trace, which the answer names in `traceresponse`.
    private func traced(_ request: Request, _ context: APIContext) async -> Response {
        let parent = request.headers[.traceparent].flatMap { TraceContext(traceparent: $0) }
        return await Tracing.span(request.method.rawValue, kind: .server, parent: parent) { notes in
            var context = context
            var response = await answer(request, &context)
            if notes.areKept {
                notes.rename("\(request.method.rawValue) \(context.told(of: request))")
                notes.add("http.request.method", request.method.rawValue)
                notes.add("http.response.status_code", String(response.status.code))
                notes.add("request.id", context.id)
                if response.status.code >= 500 { notes.fail("status \(response.status.code)") }
            }
            response.headers.add(.traceresponse, TraceContext.current?.traceparent)
            return response
        }
    }

    private func answer(_ request: Request, _ context: inout APIContext) async -> Response {
        if let preflight = headers.preflight(request) { return preflight }
        do {
            return try await records.asOneRequest {
                try await admission.admit(request, &context)
                let response = try await routes.respond(to: request, context: context)
                // The router answers in its own form what no route has.
                guard context.route == nil else { return response }
                guard request.isOfAReader else { throw APIError(.notFound, "No such route") }
                return try page(request)
            }
        } catch {
            return .failure(error, context: context)
        }
    }
}

extension APIContext {
    /// The route that answered, e.g. `/api/stores/:id`; `nil` when none has the address.
    var route: String? { endpointPath == "NotFound" ? nil : endpointPath }

    /// The route for metrics and traces. What no route has is one, however many addresses are tried, and so is what was refused before it was looked for.
    fileprivate func told(of request: Request) -> String { route ?? (endpointPath == nil && request.isForAPI ? "/api/" : "none") }
}

extension Request {
    /// Of somebody with a browser who followed a link or typed an address: no error in JSON is for them.
    fileprivate var isOfAReader: Bool {
        [.get, .head].contains(method) && !isForAPI && AcceptHeader(headers[.accept]).weight(of: "text/html") > 0
    }

    /// As the router reads the path: empty parts of it count for nothing.
    var isForAPI: Bool { uri.path.utf8.drop { $0 == UInt8(ascii: "/") }.starts(with: "api/".utf8) }
}

extension HTTPField.Name {
    static let traceparent = HTTPField.Name("traceparent") ?? .from
    fileprivate static let traceresponse = HTTPField.Name("traceresponse") ?? .from
}

extension HTTPFields {
    /// For a name that is not there yet: nothing is looked for.
    mutating func add(_ name: HTTPField.Name, _ value: String?) {
        if let value { append(HTTPField(name: name, value: value)) }
    }
}
