import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import StoreDomain
import Synchronization

/// A mail server on this machine that says what it is told to say, for what a well-kept one cannot be brought to do.
final class MailServerDouble: Sendable {
    struct Manner: Sendable {
        var abilities = ["STARTTLS", "AUTH PLAIN LOGIN"]
        /// In place of its usual answers, by the first word of what it is told; `""`: at the connection.
        var answers: [String: String] = [:]
        /// Behind its answer to STARTTLS, in the clear.
        var injected = ""
        var tls: NIOSSLContext?
    }

    private let lines = Mutex<[String]>([])
    private let listener = Mutex<(any Channel)?>(nil)

    /// What it was told, line by line, the message's too.
    var heard: [String] { lines.withLock { $0 } }
    var port: Int { listener.withLock { $0?.localAddress?.port } ?? 0 }

    static func run<Value>(_ manner: Manner = Manner(), _ body: (MailServerDouble) async throws -> Value) async throws -> Value {
        let server = MailServerDouble()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Handler(server: server, manner: manner))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        server.listener.withLock { $0 = listener }
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try? await listener.close()
        return try result.get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: MailServerDouble
        private let manner: Manner
        private var text = ""
        private var isMessage = false

        init(server: MailServerDouble, manner: Manner) { (self.server, self.manner) = (server, manner) }

        func channelActive(context: ChannelHandlerContext) { say(manner.answers[""] ?? "220 here", context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.range(of: "\r\n") {
                let line = String(text[..<end.lowerBound])
                text.removeSubrange(..<end.upperBound)
                server.lines.withLock { $0.append(line) }
                hear(line, context)
            }
        }

        private func hear(_ line: String, _ context: ChannelHandlerContext) {
            if isMessage {
                guard line == "." else { return }
                isMessage = false
                return say(manner.answers["."] ?? "250 taken", context)
            }
            let word = String(line.prefix { $0 != " " })
            if let answer = manner.answers[word] { return say(answer, context) }
            switch word {
            case "EHLO":
                let all = ["mail.test"] + manner.abilities
                say(all.enumerated().map { "250\($0 == all.count - 1 ? " " : "-")\($1)" }.joined(separator: "\r\n"), context)
            case "STARTTLS":
                say("220 go on" + (manner.injected.isEmpty ? "" : "\r\n\(manner.injected)"), context)
                if let tls = manner.tls {
                    try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
                }
            case "AUTH": say("235 welcome", context)
            case "DATA":
                isMessage = true
                say("354 go on", context)
            case "QUIT": context.close(promise: nil)
            default: say("250 fine", context)
            }
        }

        private func say(_ text: String, _ context: ChannelHandlerContext) {
            guard !text.isEmpty else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        }
    }
}
