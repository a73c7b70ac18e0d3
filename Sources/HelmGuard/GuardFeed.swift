/// What the worker writes to the guard, as it arrives: a line `<bytes> <fed at>`, that many bytes, then a line per renewal.
package struct GuardFeed: Sendable {
    /// What the command begins with.
    package struct Start: Sendable, Equatable {
        /// Its standard input.
        package var payload: [UInt8]
        /// When the claim or the latest renewal was sent, in nanoseconds of the clock that counts suspension.
        package var fedAt: UInt64
    }

    /// The feed is not of that form. Its words are for the worker's log.
    package struct Malformed: Error, Sendable, Equatable {
        package let message: String
    }

    /// Once it has arrived whole.
    package private(set) var start: Start?
    private var header: (size: Int, fedAt: UInt64)?
    private var pending: [UInt8] = []
    private static let payloadLimit = 1 << 24
    private static let lineLimit = 64

    package init() {}

    /// The times of the renewals that `bytes` complete, in the order of their coming.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [UInt64] {
        pending += bytes
        if header == nil {
            guard let line = try line() else { return [] }
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 2, let size = Int(words[0]), (0...Self.payloadLimit).contains(size), let time = UInt64(words[1]) else {
                throw Malformed(message: "the feed does not begin with a size and a time")
            }
            header = (size, time)
        }
        if start == nil, let header {
            guard pending.count >= header.size else { return [] }
            start = Start(payload: Array(pending.prefix(header.size)), fedAt: header.fedAt)
            pending.removeFirst(header.size)
        }
        var times: [UInt64] = []
        while let line = try line() {
            guard let time = UInt64(line) else { throw Malformed(message: "a line of the feed is no time") }
            times.append(time)
        }
        return times
    }

    /// Takes the next whole line away.
    private mutating func line() throws(Malformed) -> String? {
        guard let end = pending.firstIndex(of: 0x0a) else {
            if pending.count > Self.lineLimit { throw Malformed(message: "a line of the feed has no end") }
            return nil
        }
        defer { pending.removeSubrange(...end) }
        return String(decoding: pending[..<end], as: UTF8.self)
    }
}
