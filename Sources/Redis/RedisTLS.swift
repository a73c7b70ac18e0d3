import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// TLS before Redis, for every version of hiredis: its connection goes to one end of a socket pair, and NIO carries what comes out of the other over TLS.
struct RedisTLS: Sendable {
    static let options = ["ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_server_name"]

    /// Made with the first connection: it reads the system's authorities where no others are told.
    private final class Context: Sendable {
        let configuration: TLSConfiguration
        private let made = Mutex<NIOSSLContext?>(nil)

        init(_ configuration: TLSConfiguration) { self.configuration = configuration }

        func get() throws -> NIOSSLContext {
            try made.withLock { made in
                if let made { return made }
                let context = try NIOSSLContext(configuration: configuration)
                made = context
                return context
            }
        }
    }

    private let context: Context
    /// What the certificate must be for; `nil`: the address that was connected to.
    private let name: String?

    /// Throws `.configuration` for a file that cannot be read or holds something else.
    init(host: String, options: [String: String]) throws(RedisError) {
        func wrong(_ option: String, _ error: any Error) -> RedisError {
            RedisError(code: .configuration, message: "REDIS_URL has a \(option) that cannot be used: \(error)")
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let file = options["ssl_ca_certs"] {
            do { configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file)) } catch {
                throw wrong("ssl_ca_certs", error)
            }
        }
        guard (options["ssl_certfile"] == nil) == (options["ssl_keyfile"] == nil) else {
            throw RedisError(code: .configuration, message: "REDIS_URL must have both of ssl_certfile and ssl_keyfile, or neither")
        }
        if let file = options["ssl_certfile"], let key = options["ssl_keyfile"] {
            do {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch { throw wrong("ssl_certfile or ssl_keyfile", error) }
        }
        context = Context(configuration)
        let told = options["ssl_server_name"] ?? host
        // A name in TLS is never an address (RFC 6066, 3).
        name = (try? SocketAddress(ipAddress: told, port: 0)) == nil ? told : nil
    }

    /// A socket that speaks plainly to the server; whoever gets it closes it, and with it the connection. Throws `.connection`, `.timedOut`.
    func open(host: String, port: Int, deadline: Duration) async throws(RedisError) -> Int32 {
        let limit = TimeAmount(deadline)
        do {
            let context = try context.get()
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let shaken = loop.makePromise(of: Void.self)
            let timer = loop.scheduleTask(in: limit) { shaken.fail(ChannelError.connectTimeout(limit)) }
            defer { timer.cancel() }
            let server = try await ClientBootstrap(group: loop).connectTimeout(limit).channelOption(.socketOption(.so_keepalive), value: 1)
                .channelInitializer { [context, name] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            NIOSSLClientHandler(context: context, serverHostname: name),
                            HandshakeListener(name: name, shaken: shaken)
                        )
                    }
                }.connect(host: host, port: port).flatMapError { error in
                    shaken.fail(error)
                    return loop.makeFailedFuture(error)
                }.get()
            do {
                try await shaken.futureResult.get()
                return try await Self.joined(server, on: loop)
            } catch {
                server.close(promise: nil)
                throw error
            }
        } catch let error as ChannelError {
            if case .connectTimeout = error { throw RedisError(code: .timedOut, message: "no TLS connection in time") }
            throw RedisError(code: .connection, message: "TLS: \(error)")
        } catch let error as RedisError {
            throw error
        } catch {
            throw RedisError(code: .connection, message: "TLS: \(error)")
        }
    }

    private static func joined(_ server: any Channel, on loop: any EventLoop) async throws -> Int32 {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw RedisError(code: .connection, message: "no socket pair could be opened (errno \(errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        do {
            let client = try await ClientBootstrap(group: loop).withConnectedSocket(ends[1]).get()
            try await loop.submit {
                let (one, other) = SplicedChannel.pair()
                try server.pipeline.syncOperations.addHandler(one)
                try client.pipeline.syncOperations.addHandler(other)
            }.get()
            return ends[0]
        } catch {
            _ = close(ends[0])
            throw error
        }
    }
}

/// Tells when the handshake is done with a certificate for the name, or why it is not.
private final class HandshakeListener: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let name: String?
    private let shaken: EventLoopPromise<Void>

    init(name: String?, shaken: EventLoopPromise<Void>) { (self.name, self.shaken) = (name, shaken) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            if let name, (try? context.pipeline.syncOperations.nioSSL_peerCertificate())??.isFor(name) != true {
                shaken.fail(RedisError(code: .connection, message: "TLS: the certificate is not for \(name)"))
                return context.close(promise: nil)
            }
            shaken.succeed()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shaken.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        shaken.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}

extension NIOSSLCertificate {
    /// Whether a name in it is this one (RFC 6125, 6.4). NIOSSL has looked at the certificate before, and takes one for the address that was connected
    /// to as well, whatever name was asked for. One that names nothing else stands for its common name, which NIOSSL has compared.
    fileprivate func isFor(_ name: String) -> Bool {
        let wanted = name.lowercased()
        let names = _subjectAlternativeNames()
        return names.isEmpty
            || names.contains { told in
                guard told.nameType == .dnsName else { return false }
                let text = unsafe told.contents.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }.lowercased()
                return text == wanted || (text.hasPrefix("*.") && wanted.drop { $0 != "." } == text.dropFirst())
            }
    }
}

/// Passes all that one channel reads to another, no faster than that takes it; when one ends, so does the other. Both on one event loop.
private final class SplicedChannel: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var partner: SplicedChannel?
    private var context: ChannelHandlerContext?
    private var isReadPending = false

    static func pair() -> (SplicedChannel, SplicedChannel) {
        let (one, other) = (SplicedChannel(), SplicedChannel())
        (one.partner, other.partner) = (other, one)
        return (one, other)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        partner?.resume()
        if !context.channel.isActive { partner?.end() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        partner?.context?.write(NIOAny(unwrapInboundIn(data)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { partner?.context?.flush() }

    func channelInactive(context: ChannelHandlerContext) { partner?.end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) { if context.channel.isWritable { partner?.resume() } }

    func read(context: ChannelHandlerContext) {
        if partner?.context?.channel.isWritable == true { context.read() } else { isReadPending = true }
    }

    private func resume() {
        guard isReadPending else { return }
        isReadPending = false
        context?.read()
    }

    private func end() { context?.close(promise: nil) }
}
