internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The ingress port: answers for the stores' hosts.
struct IngressResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let cluster: SimulatedCluster

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
        var response = await cluster.answerIngress(host: request.head.authority ?? "", visit).http()
        response.headers[HTTPField.Name("X-Simulated-Storefront")!] = "true"
        return response
    }
}
