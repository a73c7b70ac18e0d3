/// When the supervised group gets SIGTERM and SIGKILL, computed from what was last fed. Pure; times are nanoseconds of the
/// monotonic clock that counts suspension.
package struct GuardDeadlines: Sendable, Equatable {
    /// How long a group that was told to end has before it is killed, the last renewal's own deadline permitting.
    package static let stopGraceMilliseconds: UInt64 = 5_000

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

    /// In the order of severity.
    package enum Action: Int, Sendable, Comparable {
        case none
        case term
        case kill

        package static func < (left: Action, right: Action) -> Bool { left.rawValue < right.rawValue }
    }

    package func action(at now: UInt64) -> Action {
        if now >= killsAt { return .kill }
        return endedAt != nil || now >= fedAt + term ? .term : .none
    }

    /// When `action` becomes more severe than it is `now`, if nothing is fed; `nil` when it is `.kill` already.
    package func next(after now: UInt64) -> UInt64? {
        switch action(at: now) {
        case .none: fedAt + term
        case .term: killsAt
        case .kill: nil
        }
    }

    private var killsAt: UInt64 { min(fedAt + kill, endedAt.map { $0 + Self.stopGraceMilliseconds * 1_000_000 } ?? .max) }
}
