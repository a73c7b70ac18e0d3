#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The worker's side of standard input: the payload, then the times of renewals.
struct GuardFeed {
    let payload: [UInt8]
    let firstFedAt: UInt64
    private(set) var hasEnded = false
    private let descriptor: Int32
    private var pending: [UInt8] = []

    /// Waits for the payload. `nil` when what comes is not of the form, or ends before it is whole.
    init?(descriptor: Int32) {
        self.descriptor = descriptor
        var buffer: [UInt8] = []
        while !buffer.contains(0x0a) {
            guard buffer.count < 64, let more = Self.read(descriptor) else { return nil }
            buffer += more
        }
        guard let end = buffer.firstIndex(of: 0x0a) else { return nil }
        let header = String(decoding: buffer[..<end], as: UTF8.self).split(separator: " ")
        guard header.count == 2, let size = Int(header[0]), (0...(1 << 24)).contains(size), let time = UInt64(header[1]) else { return nil }
        buffer.removeSubrange(...end)
        while buffer.count < size {
            guard let more = Self.read(descriptor) else { return nil }
            buffer += more
        }
        payload = Array(buffer.prefix(size))
        firstFedAt = time
        pending = Array(buffer.dropFirst(size))
    }

    /// The times that arrived within the wait, which `other` ends, too, when there is something to read from it.
    mutating func poll(milliseconds: Int32, beside other: Int32) -> [UInt64] {
        var descriptors = [
            pollfd(fd: hasEnded ? -1 : descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        if Self.systemPoll(&descriptors, milliseconds) > 0, descriptors[0].revents != 0 {
            if let more = Self.read(descriptor) { pending += more } else { hasEnded = true }
        }
        var times: [UInt64] = []
        while let end = pending.firstIndex(of: 0x0a) {
            if let time = UInt64(String(decoding: pending[..<end], as: UTF8.self)) { times.append(time) }
            pending.removeSubrange(...end)
        }
        return times
    }

    private static func systemPoll(_ descriptors: inout [pollfd], _ milliseconds: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        #else
        Darwin.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        #endif
    }

    /// `nil` at the end.
    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            #else
            let count = Darwin.read(descriptor, &bytes, bytes.count)
            #endif
            if count > 0 { return Array(bytes.prefix(count)) }
            if count < 0, errno == EINTR { continue }
            return nil
        }
    }
}
