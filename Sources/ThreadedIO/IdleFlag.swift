import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where a connection says that nothing is unfinished on it, for other threads to ask.
package final class IdleFlag: Sendable {
    private let socket = Atomic<Int32>(-1)

    package init() {}

    /// The connection's socket while it is idle, otherwise `nil`. The connection calls it after each exchange.
    package func set(_ socket: Int32?) { self.socket.store(socket ?? -1, ordering: .releasing) }

    /// Idle, and its server has said nothing: what it says to an idle client is good-bye.
    package var isQuiet: Bool {
        let socket = socket.load(ordering: .acquiring)
        guard socket >= 0 else { return false }
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) == 0
    }
}
