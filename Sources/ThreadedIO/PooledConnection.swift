/// What a pool lends.
package protocol PooledConnection: Sendable {
    /// Whether the next borrower may have it as it is: open, nothing unfinished on it, and silent. Asked on any thread, so that lending
    /// and giving back take no hop to the connection's own.
    nonisolated var isReusable: Bool { get }
    /// Puts it in order (ROLLBACK) when it came back and is not reusable; whether it is now.
    func prepareForReuse() async -> Bool
    func close() async
}

/// Why a pool did not lend.
package enum PoolError: Error, Sendable, Equatable {
    case timedOut
    case cancelled
    case closed
}

/// How many connections a pool keeps, and for how long.
package struct PoolLimits: Sendable {
    package var size: Int
    /// The longest wait for a connection, the time for opening one included.
    package var acquireTimeout: Duration
    /// A connection that nobody wanted for so long is closed.
    package var idleAge: Duration
    /// A connection is replaced after this time less up to a tenth at random: after a failover clients find the new server, not all at once.
    package var lifetime: Duration

    package init(
        size: Int,
        acquireTimeout: Duration = .seconds(5),
        idleAge: Duration = .seconds(300),
        lifetime: Duration = .seconds(1_800)
    ) {
        self.size = size
        self.acquireTimeout = acquireTimeout
        self.idleAge = idleAge
        self.lifetime = lifetime
    }
}
