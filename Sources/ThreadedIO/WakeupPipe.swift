#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A wake-up pipe: waits for a socket that another thread can end.
package final class WakeupPipe: Sendable {
    package enum Readiness: Sendable {
        case readable
        case writable
        case either
    }

    package enum Outcome: Sendable, Equatable {
        case ready
        case interrupted
        case deadline
    }

    private let readEnd: Int32
    private let writeEnd: Int32

    /// Throws `WakeupPipeUnavailable` when the process has no descriptors left.
    package init() throws(WakeupPipeUnavailable) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw WakeupPipeUnavailable(errno: errno) }
        readEnd = ends[0]
        writeEnd = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        _ = close(readEnd)
        _ = close(writeEnd)
    }

    /// Ends the present wait, or the next one if there is none. Any thread.
    package func raise() {
        var byte: UInt8 = 1
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Forgets what was raised before.
    package func clear() {
        unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
            while unsafe read(readEnd, bytes.baseAddress, bytes.count) == bytes.count {}
        }
    }

    /// Blocks the calling thread until the socket is ready, `raise()` was called, or the deadline passed.
    package func wait(for readiness: Readiness, on socket: Int32, until deadline: ContinuousClock.Instant) -> Outcome {
        let events: Int16 =
            switch readiness {
            case .readable: Int16(POLLIN)
            case .writable: Int16(POLLOUT)
            case .either: Int16(POLLIN | POLLOUT)
            }
        return unsafe withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { descriptors in
            unsafe descriptors.initializeElement(at: 0, to: pollfd(fd: socket, events: events, revents: 0))
            unsafe descriptors.initializeElement(at: 1, to: pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0))
            while true {
                let left = deadline - .now
                guard left > .zero else { return .deadline }
                let answer = unsafe poll(descriptors.baseAddress, 2, left.pollMilliseconds)
                if answer < 0, errno == EINTR { continue }
                if unsafe descriptors[1].revents != 0 { return .interrupted }
                // Errors and hang-ups are found by the read or write that follows.
                if answer != 0 { return .ready }
            }
        }
    }
}

/// The process has no file descriptors left for a pipe.
package struct WakeupPipeUnavailable: Error, Sendable, CustomStringConvertible {
    package let errno: Int32

    package var description: String { "no pipe could be opened (errno \(errno))" }
}

extension Duration {
    /// Rounded up, so that a wait never spins on a fraction of a millisecond.
    fileprivate var pollMilliseconds: Int32 {
        let milliseconds = Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
        return Int32(min(milliseconds.rounded(.up), 2_000_000_000))
    }
}
