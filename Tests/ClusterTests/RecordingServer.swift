import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization
import TestSupport

/// An API server by TLS that knows nothing, and writes down what it is asked.
final class RecordingServer: Sendable {
    struct Heard: Sendable, Equatable {
        /// Of the last request, since kubectl repeats one whose connection ended early. Names in lower case; what came several times under one name in
        /// its order.
        var headers: [String: [String]] = [:]
        /// The names that clients asked for in TLS.
        var names: [String] = []
    }

    let port: Int
    private let channel: any Channel
    private let heard: HeardSoFar

    /// `folder`: for its certificate, which is for `api.test` and 127.0.0.1, and its authority's, `ca.crt`.
    static func run(in folder: String, _ body: (RecordingServer) async throws -> Void) async throws {
        func openssl(_ words: String) async throws {
            try await PrivateServer.run("/usr/bin/env", ["openssl"] + words.split(separator: " ").map(String.init))
        }
        try await openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout \(folder)/ca.key -out \(folder)/ca.crt")
        try await openssl("req -newkey rsa:2048 -nodes -subj /CN=api -keyout \(folder)/api.key -out \(folder)/api.csr")
        try "subjectAltName=DNS:api.test,IP:127.0.0.1\n".write(toFile: folder + "/api.ext", atomically: true, encoding: .utf8)
        try await openssl(
            "x509 -req -days 2 -in \(folder)/api.csr -CA \(folder)/ca.crt -CAkey \(folder)/ca.key -CAcreateserial -extfile \(folder)/api.ext -out \(folder)/api.crt"
        )
        let server = try await RecordingServer(
            context: NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMFile(folder + "/api.crt").map { .certificate($0) },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: folder + "/api.key", format: .pem))
                )
            )
        )
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await server.channel.close()
        try result.get()
    }

    private init(context: NIOSSLContext) async throws {
        let heard = HeardSoFar()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let names = SNIHandler { told in
                        if case .hostname(let name) = told { heard.change { $0.names.append(name) } }
                        return channel.eventLoop.makeSucceededVoidFuture()
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(names), NIOSSLServerHandler(context: context), HeadHandler(heard: heard),
                    ])
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        self.heard = heard
        port = channel.localAddress?.port ?? 0
    }

    /// What came since the last time.
    func take() -> Heard {
        heard.change { heard in
            defer { heard = Heard() }
            return heard
        }
    }
}

private final class HeardSoFar: Sendable {
    private let value = Mutex(RecordingServer.Heard())

    func change<Value: Sendable>(_ body: (inout RecordingServer.Heard) -> Value) -> Value { value.withLock { body(&$0) } }
}

/// Answers each request with an empty object, and hangs up.
private final class HeadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let heard: HeardSoFar
    private var head = ""

    init(heard: HeardSoFar) { self.heard = heard }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += String(buffer: unwrapInboundIn(data))
        guard head.contains("\r\n\r\n") else { return }
        let lines = head.components(separatedBy: "\r\n")
        head = ""
        heard.change { heard in
            heard.headers = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                heard.headers[line[..<colon].lowercased(), default: []].append(value)
            }
        }
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.close(promise: nil)
    }
}
