import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import StoreDomain

/// Hands messages to a mail server by SMTP (RFC 5321), one a connection.
struct SMTPConversation {
    private let channel: any NIOCore.Channel
    private let reader: ReplyReader
    private var replies: AsyncThrowingStream<SMTPReply, any Error>.Iterator

    /// Hands one message over, or throws. `message` is in ASCII, its lines end with CRLF, and none begins with a dot.
    static func deliver(_ message: String, to recipient: MailAddress, by server: MailServer, tls: TLSConfiguration) async throws {
        let (replies, source) = AsyncThrowingStream<SMTPReply, any Error>.makeStream()
        // A name in TLS is never an address (RFC 6066, 3).
        let name = NetworkAddress(server.host) == nil ? server.host : nil
        let context = server.security == .none ? nil : try NIOSSLContext(configuration: tls)
        let isImplicit = server.security == .tls
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let channel = try await ClientBootstrap(group: loop).connectTimeout(.seconds(15)).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if isImplicit, let context {
                    try channel.pipeline.syncOperations.addHandler(try NIOSSLClientHandler(context: context, serverHostname: name))
                }
                try channel.pipeline.syncOperations.addHandler(ReplyHandler(source: source, context: context, name: name))
            }
        }.connect(host: server.host, port: server.port).get()
        defer { channel.close(promise: nil) }
        var talk = SMTPConversation(channel: channel, reader: ReplyReader(channel: channel), replies: replies.makeAsyncIterator())
        try await withTaskCancellationHandler {
            try await talk.deliver(message, to: recipient, by: server)
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private mutating func deliver(_ message: String, to recipient: MailAddress, by server: MailServer) async throws {
        try await expect(220, after: "the connection")
        var abilities = try await greet(as: server)
        if server.security == .starttls {
            guard abilities.contains("STARTTLS") else { throw SMTPFailure.noTLS }
            try await reader.secureWithNextReply()
            try await say("STARTTLS", 220)
            // A reply that came before it was asked for would be taken for this one.
            guard try await reader.isSecured() else { throw SMTPFailure.saidTooMuch }
            abilities = try await greet(as: server)
        }
        if let account = server.account { try await signIn(account, abilities) }
        try await say("MAIL FROM:<\(server.from)>", 250)
        try await say("RCPT TO:<\(recipient)>", 250, 251)
        try await say("DATA", 354)
        try await write(message + (message.hasSuffix("\r\n") ? "" : "\r\n") + ".\r\n")
        try await expect(250, after: "the message")
        try? await write("QUIT\r\n")
    }

    /// What the server can do, in capitals.
    private mutating func greet(as server: MailServer) async throws -> [String] {
        let name = server.from.split(separator: "@").last.map(String.init) ?? "localhost"
        return try await say("EHLO \(name)", 250).lines.dropFirst().map { $0.uppercased() }
    }

    private mutating func signIn(_ account: MailServer.Account, _ abilities: [String]) async throws {
        let ways = abilities.first { $0.hasPrefix("AUTH") }?.split { " =".contains($0) } ?? []
        func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        if ways.contains("PLAIN") {
            try await say("AUTH PLAIN \(encoded("\0\(account.user)\0\(account.password)"))", 235, shown: "AUTH PLAIN")
        } else if ways.contains("LOGIN") {
            try await say("AUTH LOGIN", 334)
            try await say(encoded(account.user), 334, shown: "the user's name")
            try await say(encoded(account.password), 235, shown: "the password")
        } else {
            throw SMTPFailure.noWayToSignIn
        }
    }

    /// Sends a line, and answers what comes back when it has one of the codes. `shown`: what a failure says of the line.
    @discardableResult private mutating func say(_ line: String, _ codes: Int..., shown: String? = nil) async throws -> SMTPReply {
        try await write(line + "\r\n")
        return try await expect(codes, after: shown ?? line)
    }

    @discardableResult private mutating func expect(_ codes: Int..., after: String) async throws -> SMTPReply {
        try await expect(codes, after: after)
    }

    private mutating func expect(_ codes: [Int], after: String) async throws -> SMTPReply {
        guard let reply = try await replies.next(isolation: #isolation) else { throw SMTPFailure.closed }
        guard codes.contains(reply.code) else { throw SMTPFailure.refused(reply, after: after) }
        return reply
    }

    private func write(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }
}

/// Reads replies; goes on with TLS after the one that it was told to.
private final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// A server that says more without an end to it is none.
    private static let limit = 64 << 10

    private let source: AsyncThrowingStream<SMTPReply, any Error>.Continuation
    private let context: NIOSSLContext?
    private let name: String?
    private var pending = ByteBuffer()
    var securesNext = false
    private(set) var isSecured = false

    init(source: AsyncThrowingStream<SMTPReply, any Error>.Continuation, context: NIOSSLContext?, name: String?) {
        self.source = source
        self.context = context
        self.name = name
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.writeImmutableBuffer(unwrapInboundIn(data))
        do {
            while let reply = try SMTPReply(from: &pending) {
                if securesNext, reply.code == 220 { try secure(context) }
                securesNext = false
                source.yield(reply)
            }
            guard pending.readableBytes <= Self.limit else { throw SMTPFailure.unreadable }
        } catch {
            fail(context, error)
        }
    }

    private func secure(_ handler: ChannelHandlerContext) throws {
        // Whatever was said before belongs to nobody: somebody between may have said it.
        guard pending.readableBytes == 0, let context else { throw SMTPFailure.saidTooMuch }
        try handler.pipeline.syncOperations.addHandler(
            try NIOSSLClientHandler(context: context, serverHostname: name),
            position: .first
        )
        isSecured = true
    }

    func channelInactive(context: ChannelHandlerContext) {
        source.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, error) }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        source.finish(throwing: error)
        context.close(promise: nil)
    }
}

/// The handler of a channel, from outside its event loop.
private struct ReplyReader: Sendable {
    let channel: any NIOCore.Channel

    func secureWithNextReply() async throws {
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: ReplyHandler.self).securesNext = true
        }.get()
    }

    func isSecured() async throws -> Bool {
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: ReplyHandler.self).isSecured
        }.get()
    }
}
