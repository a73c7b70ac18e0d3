internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// The ingress port: answers for the stores' hosts.
struct IngressResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let cluster: SimulatedCluster

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path.removingPercentEncoding ?? request.uri.path
        var response = await cluster.answerIngress(host: request.head.authority ?? "", path: path).http()
        response.headers[HTTPField.Name("X-Simulated-Shop")!] = "true"
        return response
    }
}
