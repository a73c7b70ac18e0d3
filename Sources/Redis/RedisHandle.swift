import CHiredis

/// Owns hiredis's context and ends it with itself. Used on one thread only.
@safe final class RedisHandle {
    private let raw: UnsafeMutablePointer<redisContext>

    init(_ raw: UnsafeMutablePointer<redisContext>) { unsafe self.raw = raw }

    deinit { unsafe redisFree(raw) }

    /// Blocks for `timeout` at most (and for the name's resolution). Throws `.connection`.
    static func connect(to address: RedisConfiguration.Address, timeout: Duration) throws(RedisError) -> RedisHandle {
        let limit = timeout.timeval
        let context =
            switch address {
            case .tcp(let host, let port): unsafe redisConnectWithTimeout(host, Int32(port), limit)
            case .unix(let path): unsafe redisConnectUnixWithTimeout(path, limit)
            }
        guard let context = unsafe context else { throw RedisError(code: .connection, message: "hiredis has no memory for a connection") }
        let handle = unsafe RedisHandle(context)
        guard unsafe context.pointee.err == 0 else { throw RedisError(code: .connection, message: handle.complaint) }
        if case .tcp = address { _ = unsafe redisEnableKeepAlive(context) }
        // Bounds a write to a peer that does not read.
        _ = unsafe redisSetTimeout(context, Duration.seconds(2).timeval)
        return handle
    }

    var socket: Int32 { unsafe raw.pointee.fd }

    var complaint: String {
        let text = unsafe withUnsafePointer(to: &raw.pointee.errstr) { start in
            unsafe start.withMemoryRebound(to: CChar.self, capacity: 128) { unsafe String(cString: $0) }
        }
        return text.isEmpty ? "the connection broke" : text
    }

    func append(_ command: [String]) -> Bool {
        let bytes = command.map { Array($0.utf8) }
        let lengths = bytes.map(\.count)
        let flat = bytes.flatMap { $0 }.map { CChar(bitPattern: $0) } + [0]
        return unsafe flat.withUnsafeBufferPointer { storage in
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            var offset = 0
            for length in lengths {
                unsafe pointers.append(storage.baseAddress?.advanced(by: offset))
                offset += length
            }
            return unsafe redisAppendCommandArgv(raw, Int32(lengths.count), &pointers, lengths) == REDIS_OK
        }
    }

    /// Writes all that was appended.
    func flush() -> Bool {
        var done: Int32 = 0
        while done == 0 {
            guard unsafe redisBufferWrite(raw, &done) == REDIS_OK else { return false }
        }
        return true
    }

    /// Reads what the socket has. Call it when the socket is readable.
    func fill() -> Bool { unsafe redisBufferRead(raw) == REDIS_OK }

    /// A reply that is already here; `nil` when the socket has to be read first. Throws `.connection` for what is no RESP.
    func bufferedReply() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisGetReplyFromReader(raw, &reply) == REDIS_OK else { throw RedisError(code: .connection, message: complaint) }
        guard let reply = unsafe reply else { return nil }
        defer { unsafe freeReplyObject(reply) }
        return unsafe RedisValue(reply.assumingMemoryBound(to: redisReply.self))
    }
}

extension RedisValue {
    fileprivate init(_ reply: UnsafeMutablePointer<redisReply>) {
        let value = unsafe reply.pointee
        func text() -> String {
            guard let start = unsafe value.str else { return "" }
            return unsafe start.withMemoryRebound(to: UInt8.self, capacity: Int(value.len)) {
                unsafe String(decoding: UnsafeBufferPointer(start: $0, count: Int(value.len)), as: UTF8.self)
            }
        }
        switch unsafe value.type {
        case REDIS_REPLY_INTEGER: self = unsafe .integer(value.integer)
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = .string(text())
        case REDIS_REPLY_ERROR: self = .error(text())
        case REDIS_REPLY_ARRAY:
            self = unsafe .array((0..<Int(value.elements)).map { unsafe value.element[$0].map { unsafe RedisValue($0) } ?? .null })
        default: self = .null
        }
    }
}

extension Duration {
    fileprivate var timeval: timeval {
        let (seconds, attoseconds) = components
        #if canImport(Darwin)
        return .init(tv_sec: Int(seconds), tv_usec: Int32(attoseconds / 1_000_000_000_000))
        #else
        return .init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        #endif
    }
}
