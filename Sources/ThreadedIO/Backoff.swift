/// When the next attempt may be made after failures: shared by all who dial, so that fifty requests do not all dial a dead server.
package struct Backoff: Sendable {
    private let base: Duration
    private let limit: Duration
    private var failures = 0
    private var nextAttempt: ContinuousClock.Instant?

    /// Waits double from `base` up to `limit`, each with half of it at random.
    package init(base: Duration = .milliseconds(20), limit: Duration = .seconds(1)) {
        self.base = base
        self.limit = limit
    }

    /// How long to wait before the next attempt; `nil` when it may be made now.
    package func wait(at now: ContinuousClock.Instant = .now) -> Duration? {
        guard let nextAttempt, nextAttempt > now else { return nil }
        return nextAttempt - now
    }

    package mutating func succeeded() {
        failures = 0
        nextAttempt = nil
    }

    package mutating func failed(at now: ContinuousClock.Instant = .now) {
        failures = min(failures + 1, 16)
        let whole = min(base * (1 << (failures - 1)), limit)
        nextAttempt = now + whole / 2 + whole / 2 * Double.random(in: 0...1)
    }
}
