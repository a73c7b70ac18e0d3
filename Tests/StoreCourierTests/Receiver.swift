import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Somebody's webhook: a server on this machine that keeps what it is sent and answers each with the same bytes, then hangs up.
final class Receiver: Sendable {
    struct Message: Sendable {
        let head: String
        let body: String

        func header(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }
                .map { String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces) }
        }
    }

    private let messages = Mutex<[Message]>([])
    private let connections = Atomic<Int>(0)
    private let channel = Mutex<(any Channel)?>(nil)

    var received: [Message] { messages.withLock { $0 } }
    /// How many ever connected.
    var connected: Int { connections.load(ordering: .relaxed) }
    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }

    /// `answer` empty: none ever comes. `port` 0: a free one.
    static func run<Value>(
        host: String = "127.0.0.1",
        port: Int = 0,
        answer: String = "HTTP/1.1 204 No Content\r\n\r\n",
        tls: NIOSSLContext? = nil,
        _ body: (Receiver) async throws -> Value
    ) async throws -> Value {
        let receiver = Receiver()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    receiver.connections.add(1, ordering: .relaxed)
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Handler(receiver: receiver, answer: answer))
                }
            }
            .bind(host: host, port: port).get()
        receiver.channel.withLock { $0 = listener }
        do {
            let value = try await body(receiver)
            try await listener.close()
            return value
        } catch {
            try? await listener.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let receiver: Receiver
        private let answer: String
        private var text = ""

        init(receiver: Receiver, answer: String) { (self.receiver, self.answer) = (receiver, answer) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            let parts = text.components(separatedBy: "\r\n\r\n")
            guard parts.count > 1 else { return }
            let message = Message(head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
            guard message.body.utf8.count >= message.header("content-length").flatMap({ Int($0) }) ?? 0 else { return }
            receiver.messages.withLock { $0.append(message) }
            text = ""
            guard !answer.isEmpty else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            context.close(promise: nil)
        }
    }
}
