/// When the supervised group gets SIGTERM and SIGKILL, computed from what was last fed. Pure; times are nanoseconds of `GuardClock`.
package struct GuardDeadlines: Sendable, Equatable {
    /// After the last acknowledged renewal was sent.
    private let term: UInt64
    private let kill: UInt64
    private var fedAt: UInt64
    /// When the end began that no feeding can take back: the feed ended, or the guard itself was told to stop.
    private var endedAt: UInt64?

    package init(termMilliseconds: UInt64, killMilliseconds: UInt64, fedAt: UInt64) {
        term = termMilliseconds * 1_000_000
        kill = max(killMilliseconds, termMilliseconds) * 1_000_000
        self.fedAt = fedAt
    }

    /// A renewal that was sent at `time` was acknowledged. Late news never moves a deadline back.
    package mutating func fed(_ time: UInt64) { fedAt = max(fedAt, time) }

    /// The worker is gone or wants an end.
    package mutating func end(at time: UInt64) { endedAt = endedAt ?? time }

    package enum Action: Sendable, Equatable {
        case none
        case term
        case kill
    }

    /// When the action may change by itself; in the past once it is `kill`.
    package func nextChange(after now: UInt64) -> UInt64 {
        let killAt = min(fedAt.addingClamped(kill), endedAt?.addingClamped(kill - term) ?? .max)
        if endedAt != nil { return killAt }
        let termAt = fedAt.addingClamped(term)
        return now < termAt ? termAt : killAt
    }

    package func action(at now: UInt64) -> Action {
        if now >= fedAt.addingClamped(kill) { return .kill }
        if let endedAt { return now >= endedAt.addingClamped(kill - term) ? .kill : .term }
        return now >= fedAt.addingClamped(term) ? .term : .none
    }
}

extension UInt64 {
    /// A time that no clock reaches instead of a trap.
    fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
