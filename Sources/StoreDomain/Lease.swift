/// What an attempt holds while it works on a namespace. Everything that changes the cluster asks it first.
///
/// Implemented by `Dispatch` (over PostgreSQL's lease) and by tests.
package protocol Lease: Sendable {
    var fence: Fence { get }

    /// When each acknowledged renewal was *sent*: nanoseconds of the monotonic clock that counts suspension
    /// (`CLOCK_BOOTTIME` on Linux). Begins with the latest; finishes when the lease is lost or given back.
    func renewals() -> AsyncStream<UInt64>

    /// Throws `LeaseLost` when the lease is no longer held for certain.
    func confirm() throws(LeaseLost)
}

/// The attempt no longer owns its namespace: stop, write nothing, acknowledge nothing.
package struct LeaseLost: Error, Sendable, CustomStringConvertible {
    package let reason: String

    package init(reason: String) { self.reason = reason }

    package var description: String { "lease lost: \(reason)" }
}

/// The time limits of a lease; `docs/decisions/` has the reasons. Each is shorter than the next.
package struct LeaseTimes: Sendable, Equatable {
    /// How often the holder renews.
    package var renewal: Duration
    /// After the last acknowledged renewal was sent: when the process group gets SIGTERM.
    package var term: Duration
    /// … and SIGKILL.
    package var kill: Duration
    /// … and when PostgreSQL gives the namespace to somebody else.
    package var lease: Duration
    /// What the next holder waits before it acts, for requests of the old one that are still in flight.
    package var settle: Duration

    package init(
        renewal: Duration = .seconds(3),
        term: Duration = .seconds(7),
        kill: Duration = .seconds(10),
        lease: Duration = .seconds(12),
        settle: Duration = .seconds(2)
    ) {
        self.renewal = renewal
        self.term = term
        self.kill = kill
        self.lease = lease
        self.settle = settle
    }
}
