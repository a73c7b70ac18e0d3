internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The API port: checks the token and translates between HTTP and `SimulatedCluster`.
struct APIResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let cluster: SimulatedCluster
    let token: String
    private static let largestBody = 8 << 20

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let path = admitted(request) else { return APIResponse.failure(.unauthorized).http() }
        let isWatch = request.method == .get
        let body = isWatch ? ByteBuffer() : try await request.body.collect(upTo: Self.largestBody)
        let translated = APIRequest(
            method: request.method.rawValue,
            path: path.removingPercentEncoding ?? path,
            query: request.parameters,
            contentType: request.headers[.contentType] ?? "",
            accept: request.headers[.accept] ?? "",
            userAgent: request.headers[.userAgent] ?? "",
            headers: request.namedHeaders,
            body: Array(body.readableBytesView)
        )
        let latency = await cluster.latency(of: translated)
        if latency > .zero { try await Task.sleep(for: latency) }
        let response = await cluster.respond(to: translated)
        guard case .stream(let stream) = response.body else { return response.http() }
        return Self.streaming(stream, request)
    }

    /// The path without the token, if the client may ask; health is free, and the vault has tokens of its own.
    private func admitted(_ request: Request) -> String? {
        let path = request.uri.path
        if path == "/\(token)" || path.hasPrefix("/\(token)/") { return String(path.dropFirst(token.count + 1)) }
        let isFree = ["/healthz", "/livez", "/readyz"].contains(path) || SimulatedVault.isFolder(path)
        return isFree || request.headers[.authorization] == "Bearer \(token)" ? path : nil
    }

    /// Ends with the watch, or when the client goes.
    private static func streaming(_ stream: LineStream, _ request: Request) -> Response {
        let body = ResponseBody { writer in
            // The writer is handed in and out because the handler's closure may not capture an inout parameter.
            let inner = writer
            try await request.body.consumeWithInboundCloseHandler { _ in
                var output = inner
                for await line in stream.lines { try await output.write(ByteBuffer(bytes: line)) }
            } onInboundClosed: {
                stream.output.finish()
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: stream.contentType], body: body)
    }
}

extension APIResponse {
    func http() -> Response {
        let (bytes, type): ([UInt8], String)
        switch body {
        case .json(let value): (bytes, type) = (value.serialized(), "application/json")
        case .bytes(let content, let contentType): (bytes, type) = (content, contentType)
        case .stream: (bytes, type) = ([], "application/json")
        }
        var fields: HTTPFields = [.contentType: type, .contentLength: String(bytes.count)]
        for (name, value) in headers { HTTPField.Name(name).map { fields[$0] = value } }
        return Response(
            status: .init(code: status),
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}

extension Request {
    /// The query, decoded; the last of several of one name.
    var parameters: [String: String] { Dictionary(uri.queryParameters.map { (String($0.key), String($0.value)) }) { $1 } }

    /// The header fields, names in lower case.
    var namedHeaders: [String: String] { Dictionary(headers.map { ($0.name.canonicalName, $0.value) }) { $1 } }
}
