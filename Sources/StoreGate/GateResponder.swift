import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import StoreDomain

/// Answers every method and path of a host by what is known of its store. No body is looked at; the server sends none to HEAD.
struct GateResponder: HTTPResponder {
    let lookup: StoreLookup

    func respond(to request: Request, context: BasicRequestContext) async -> Response {
        var response = await answer(to: request)
        response.headers.append(contentsOf: Self.common)
        return response
    }

    private func answer(to request: Request) async -> Response {
        // Where the host leads is asked before anything is known of it here.
        if let token = Self.token(in: request.uri.path) { return Self.proof(token) }
        guard let host = RequestedHost(of: request) else { return told(.unknown, to: request) }
        // Crawlers and browsers ask for these beside each page. To a crawler 503 means: come again before you read anything here.
        switch request.uri.path {
        case "/robots.txt": return Self.fixed("User-agent: *\nDisallow: /\n")
        case "/favicon.ico": return Self.fixed("")
        default: return told(await lookup.answer(for: host), to: request)
        }
    }

    private func told(_ answer: GateAnswer, to request: Request) -> Response {
        Counter(label: "storeweaver_gate_answers_total", dimensions: [("state", answer.state.rawValue)]).increment()
        let page = GatePage(answer: answer)
        var headers: HTTPFields = [.vary: "Accept"]
        if let seconds = page.retryAfter { headers[.retryAfter] = String(seconds) }
        let body: ByteBuffer
        switch AcceptedForm(accept: request.headers[.accept]) {
        case .json:
            headers[.contentType] = "application/json; charset=utf-8"
            headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
            body = ByteBuffer(bytes: page.json)
        case .html:
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.contentSecurityPolicy] = GatePage.contentSecurityPolicy
            body = ByteBuffer(string: page.html)
        }
        return Response(status: answer.state == .unknown ? .notFound : .serviceUnavailable, headers: headers, body: .init(byteBuffer: body))
    }

    private static func token(in path: String) -> DomainToken? {
        path.hasPrefix(DomainToken.path) ? DomainToken(String(path.dropFirst(DomainToken.path.count))) : nil
    }

    private static func proof(_ token: DomainToken) -> Response {
        Counter(label: "storeweaver_gate_answers_total", dimensions: [("state", "proof")]).increment()
        let body = ByteBuffer(string: token.proof + "\n")
        return Response(status: .ok, headers: [.contentType: "text/plain; charset=utf-8"], body: .init(byteBuffer: body))
    }

    private static func fixed(_ text: String) -> Response {
        Response(
            status: .serviceUnavailable,
            headers: [.contentType: "text/plain; charset=utf-8", .retryAfter: "3600"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static let common: HTTPFields = [
        .cacheControl: "no-store",
        .xContentTypeOptions: "nosniff",
        HTTPField.Name("Referrer-Policy") ?? .from: "no-referrer",
        HTTPField.Name("X-Robots-Tag") ?? .from: "noindex",
    ]
}
