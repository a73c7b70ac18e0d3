internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The ingress port: answers for the stores' hosts, and passes on what nobody serves where there is a gate.
struct IngressResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let cluster: SimulatedCluster
    let gate: IngressGate?

    private static let largestBody = 1 << 20

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path.removingPercentEncoding ?? request.uri.path
        let body = request.method == .get ? ByteBuffer() : try await request.body.collect(upTo: Self.largestBody)
        let visit = StorefrontRequest(
            method: request.method.rawValue,
            path: path,
            query: request.parameters,
            headers: request.namedHeaders,
            body: Array(body.readableBytesView)
        )
        let (served, refusal) = await cluster.routeIngress(host: request.head.authority ?? "", visit)
        if served == nil, let gate { return await gate.answer(to: request, body: body) }
        var response = (served ?? refusal).http()
        response.headers[HTTPField.Name("X-Simulated-Storefront")!] = "true"
        return response
    }
}
