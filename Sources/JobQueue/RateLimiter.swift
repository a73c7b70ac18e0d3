package import Logging
import Redis
import Synchronization

/// So many requests at once, which come back evenly within the period.
package struct Allowance: Sendable, Equatable {
    /// Whose it is, e.g. `user:ada`: part of a key.
    package let name: String
    /// At least 1.
    package let requests: Int
    package let period: Duration

    package init(name: String, requests: Int, period: Duration = .seconds(60)) {
        self.name = name
        self.requests = requests
        self.period = period
    }
}

/// Counts requests in Redis, for all API processes together. While Redis is away each process counts for itself: nobody is locked out,
/// and nobody gets more than his allowance from each process.
package final class RateLimiter: Sendable {
    private let queue: JobQueue
    private let logger: Logger
    private let here = LocalAllowances()
    /// Redis is not asked again before this.
    private let pause = Mutex<ContinuousClock.Instant?>(nil)

    package init(queue: JobQueue, logger: Logger) {
        self.queue = queue
        self.logger = logger
    }

    /// `nil`: the request may pass, and was counted. Otherwise for how long to wait; then nothing was counted.
    package func spend(_ allowances: [Allowance]) async -> Duration? {
        guard !allowances.isEmpty else { return nil }
        if let until = pause.withLock({ $0 }), ContinuousClock.now < until { return here.spend(allowances, at: .now) }
        do {
            let arguments = allowances.flatMap { [$0.name, String($0.requests), $0.period.milliseconds] }
            let reply = try await queue.run(QueueScripts.spend, arguments, deadline: .milliseconds(250))
            guard let wait = reply.integer else { throw QueueError(message: "spend answered \(reply)") }
            return wait > 0 ? .milliseconds(wait) : nil
        } catch {
            pause.withLock { $0 = .now + .seconds(2) }
            logger.warning("Requests are counted by this process alone", metadata: ["error": "\(error)"])
            return here.spend(allowances, at: .now)
        }
    }
}

/// The same count in memory, as `spend.lua` does it.
final class LocalAllowances: Sendable {
    private let limit: Int
    private let whole = Mutex<[String: ContinuousClock.Instant]>([:])

    /// `limit`: how many names are kept; with more, those that are whole again are forgotten, and if all are in use, every one is.
    init(limit: Int = 20_000) { self.limit = limit }

    var known: Int { whole.withLock { $0.count } }

    func spend(_ allowances: [Allowance], at now: ContinuousClock.Instant) -> Duration? {
        whole.withLock { whole in
            let ends = allowances.map { max(whole[$0.name] ?? now, now) + $0.period / $0.requests }
            let wait = zip(ends, allowances).map { end, allowance in end - now - allowance.period }.max() ?? .zero
            if wait > .zero { return wait }
            if whole.count >= limit { whole = whole.filter { $0.value > now } }
            if whole.count >= limit { whole = [:] }
            for (end, allowance) in zip(ends, allowances) { whole[allowance.name] = end }
            return nil
        }
    }
}
