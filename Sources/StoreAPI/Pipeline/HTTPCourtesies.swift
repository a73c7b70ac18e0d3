import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// What clients of HTTP/1 may ask of a server, and what the server below does not do: it answers `Expect: 100-continue` (RFC 9110, 10.1.1), and sends
/// no chunks to who speaks HTTP/1.0, to whom the connection's end tells the answer's (RFC 9112, 6.3).
///
/// It stands where messages still have their version, before the handler that packs answers. That one counts on a request for each answer, so
/// what answers none goes past it: `100 Continue`, and the server's 400 to what is no HTTP.
final class HTTPCourtesies: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that was read and not answered; they are answered in their order.
    private struct Asked {
        let isOld: Bool
        /// The client wants to send another.
        let isKept: Bool
        var closes = false
    }

    private var asked = CircularBuffer<Asked>(initialCapacity: 2)
    private var isUnasked = false
    /// The packing handler's.
    private var beyond: ChannelHandlerContext?

    init(beyond: ChannelHandlerContext) { self.beyond = beyond }

    func handlerRemoved(context: ChannelHandlerContext) { beyond = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let isOld = head.version.major == 1 && head.version.minor == 0
        // HTTP/1.0 closes unless it says otherwise; what answers looks for the word.
        if isOld, !head.isKeepAlive { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        asked.append(Asked(isOld: isOld, isKept: head.isKeepAlive))
        if !isOld, head.headers["Expect"].contains(where: { $0.lowercased() == "100-continue" }), Self.isWelcome(head) {
            beyond?.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Who announces more than is taken gets the refusal before the body.
    private static func isWelcome(_ head: HTTPRequestHead) -> Bool {
        // An archive is as long as it is; its route says what is too long.
        if head.uri.hasPrefix(ImportRoutes.path) { return true }
        return head.headers.first(name: "Content-Length").flatMap { Int($0) }.map { $0 <= JSONBody.maximumBytes } ?? true
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        if case .head = part { isUnasked = asked.isEmpty }
        guard !isUnasked else { return beyond?.write(data, promise: promise) ?? context.close(promise: promise) }
        switch part {
        case .head(var head) where asked.first?.isOld == true:
            head.version = .http1_0
            let isKept = asked[asked.startIndex].isKept && head.headers.contains(name: "Content-Length")
            asked[asked.startIndex].closes = !isKept
            head.headers.replaceOrAdd(name: "Connection", value: isKept ? "keep-alive" : "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            let isLast = asked.popFirst()?.closes == true
            context.write(data, promise: promise)
            if isLast {
                context.flush()
                context.close(promise: nil)
            }
        default: context.write(data, promise: promise)
        }
    }
}

/// Puts handlers of HTTP/1's own messages before the one that makes the shared types of them; the server has no other place for them. Is gone then.
final class HTTP1Handlers: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let codec = try pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self).handler
            let packing = AnswerCompression.handler()
            try pipeline.addHandler(packing, position: .before(codec))
            try pipeline.addHandler(HTTPCourtesies(beyond: pipeline.context(handler: packing)), position: .before(codec))
        } catch {
            context.fireErrorCaught(error)
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
