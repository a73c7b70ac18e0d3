/// How long an attempt bears with a cluster that does not answer as it should.
struct RetryBudget {
    private let end: ContinuousClock.Instant
    private var next = Duration.milliseconds(500)
    private var last = ""

    init(limit: Duration) { end = .now + limit }

    /// What to wait before the next look, growing to 5 s; `nil` when it was borne long enough.
    mutating func pause() -> Duration? {
        guard ContinuousClock.now < end else { return nil }
        defer { next = min(next * 2, .seconds(5)) }
        return next * Double.random(in: 0.5...1)
    }

    /// The same words again are no news.
    mutating func isFirst(_ message: String) -> Bool {
        defer { last = message }
        return message != last
    }
}
