import CHiredis

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Owns hiredis's context, whose socket never blocks, and ends it with itself. Used on one thread only.
@safe final class RedisHandle {
    private let raw: UnsafeMutablePointer<redisContext>

    private init(_ raw: UnsafeMutablePointer<redisContext>) { unsafe self.raw = raw }

    deinit { unsafe redisFree(raw) }

    /// Begins to connect: the socket becomes writable when it is done. Blocks for the name's resolution. Throws `.connection`.
    static func connecting(to address: RedisConfiguration.Address) throws(RedisError) -> RedisHandle {
        let context =
            switch address {
            case .tcp(let host, let port): unsafe redisConnectNonBlock(host, Int32(port))
            case .unix(let path): unsafe redisConnectUnixNonBlock(path)
            }
        guard let context = unsafe context else { throw RedisError(code: .connection, message: "hiredis has no memory for a connection") }
        let handle = unsafe RedisHandle(context)
        guard unsafe context.pointee.err == 0 else { throw RedisError(code: .connection, message: handle.errorMessage) }
        if case .tcp = address { _ = unsafe redisEnableKeepAlive(context) }
        return handle
    }

    /// Speaks over a socket that is connected already, and closes it in the end. Throws `.connection`.
    static func adopting(_ socket: Int32) throws(RedisError) -> RedisHandle {
        guard let context = unsafe redisConnectFd(socket) else {
            _ = close(socket)
            throw RedisError(code: .connection, message: "hiredis has no memory for a connection")
        }
        // As a connection that was begun without blocking: what a socket does not have is no error.
        unsafe context.pointee.flags &= ~REDIS_BLOCK
        return unsafe RedisHandle(context)
    }

    /// How connecting ended, once the socket is writable. Throws `.connection`.
    func checkConnected() throws(RedisError) {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error == 0 else {
            throw RedisError(code: .connection, message: unsafe String(cString: strerror(error)))
        }
    }

    var socket: Int32 { unsafe raw.pointee.fd }

    var errorMessage: String {
        let text = unsafe withUnsafePointer(to: &raw.pointee.errstr) { start in
            unsafe start.withMemoryRebound(to: CChar.self, capacity: 128) { unsafe String(cString: $0) }
        }
        return text.isEmpty ? "the connection broke" : text
    }

    /// Bytes that are whole commands, to be written by `flush`.
    func append(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe redisAppendFormattedCommand(raw, $0.baseAddress, $0.count) } == REDIS_OK
    }

    /// Writes what the socket takes; whether that was all. Throws `.connection`.
    func flush() throws(RedisError) -> Bool {
        var done: Int32 = 0
        guard unsafe redisBufferWrite(raw, &done) == REDIS_OK else { throw RedisError(code: .connection, message: errorMessage) }
        return done != 0
    }

    /// Reads what the socket has; nothing is well, too. Throws `.connection`.
    func fill() throws(RedisError) {
        guard unsafe redisBufferRead(raw) == REDIS_OK else { throw RedisError(code: .connection, message: errorMessage) }
    }

    /// A reply that is already here; `nil` when the socket has to be read first. Throws `.connection` for what is no RESP.
    func bufferedReply() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisGetReplyFromReader(raw, &reply) == REDIS_OK else { throw RedisError(code: .connection, message: errorMessage) }
        guard let reply = unsafe reply else { return nil }
        defer { unsafe freeReplyObject(reply) }
        return unsafe RedisValue(reply.assumingMemoryBound(to: redisReply.self))
    }
}

extension RedisValue {
    fileprivate init(_ reply: UnsafeMutablePointer<redisReply>) {
        let value = unsafe reply.pointee
        func text() -> String? {
            guard let start = unsafe value.str else { return "" }
            return unsafe start.withMemoryRebound(to: UInt8.self, capacity: Int(value.len)) {
                unsafe String(validating: UnsafeBufferPointer(start: $0, count: Int(value.len)), as: UTF8.self)
            }
        }
        switch unsafe value.type {
        case REDIS_REPLY_INTEGER: self = unsafe .integer(value.integer)
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = text().map(RedisValue.string) ?? .unreadable
        case REDIS_REPLY_ERROR: self = .error(text() ?? "ERR in words that are not UTF-8")
        case REDIS_REPLY_ARRAY:
            self = unsafe .array((0..<Int(value.elements)).map { unsafe value.element[$0].map { unsafe RedisValue($0) } ?? .null })
        default: self = .null
        }
    }
}
