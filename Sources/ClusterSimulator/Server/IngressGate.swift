internal import AsyncHTTPClient
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

/// What answers for hosts that nobody in the cluster serves: as an Ingress without a host would lead to it, if it ran in the cluster.
struct IngressGate: Sendable {
    /// Without a path, e.g. `http://127.0.0.1:18090`.
    let url: String

    private static let largestBody = 1 << 20
    /// Of a connection, not of a message.
    private static let hopByHop: Set<String> = ["connection", "content-length", "transfer-encoding", "date", "server"]

    /// The gate's answer to the same request, the host included; 502 when it does not answer.
    func answer(to request: Request, body: ByteBuffer) async -> Response {
        var forwarded = HTTPClientRequest(url: url + request.uri.description)
        forwarded.method = .init(rawValue: request.method.rawValue)
        for field in request.headers where !Self.hopByHop.contains(field.name.canonicalName) {
            forwarded.headers.add(name: field.name.rawName, value: field.value)
        }
        forwarded.headers.replaceOrAdd(name: "Host", value: request.head.authority ?? "")
        if body.readableBytes > 0 { forwarded.body = .bytes(body) }
        do {
            let answer = try await HTTPClient.shared.execute(forwarded, timeout: .seconds(5))
            var headers = HTTPFields()
            for (name, value) in answer.headers where !Self.hopByHop.contains(name.lowercased()) {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
            let text = try await answer.body.collect(upTo: Self.largestBody)
            return Response(status: .init(code: Int(answer.status.code)), headers: headers, body: .init(byteBuffer: text))
        } catch {
            return Response(
                status: .badGateway,
                body: .init(byteBuffer: ByteBuffer(string: "502: the gate at \(url) does not answer: \(error)\n"))
            )
        }
    }
}
