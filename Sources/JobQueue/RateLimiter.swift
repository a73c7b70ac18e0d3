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

/// Counts requests in Redis, for all API processes together. Of large allowances a process takes a fiftieth at a time, so that hardly a
/// request waits for Redis; what it does not use within a second is lost to the caller, and nobody gets more. While Redis is away each process counts for itself: nobody is locked out,
/// and nobody gets more than his allowance from each process.
package final class RateLimiter: Sendable {
    private let queue: JobQueue
    private let logger: Logger
    private let here = LocalAllowances()
    private let taken = TakenAllowances()
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
        if taken.spend(allowances, at: .now) { return nil }
        do {
            let batch = max(1, (allowances.map(\.requests).min() ?? 1) / 50)
            var wait = try await take(batch, of: allowances)
            if wait > 0, batch > 1 {
                // What is left is less than a batch.
                wait = try await take(1, of: allowances)
            } else if wait == 0 {
                taken.keep(batch - 1, of: allowances, until: .now + .seconds(1))
            }
            return wait > 0 ? .milliseconds(wait) : nil
        } catch {
            pause.withLock { $0 = .now + .seconds(2) }
            logger.warning("Requests are counted by this process alone", metadata: ["error": "\(error)"])
            return here.spend(allowances, at: .now)
        }
    }
}

extension RateLimiter {
    /// Milliseconds to wait; 0: they are taken.
    private func take(_ count: Int, of allowances: [Allowance]) async throws -> Int {
        let arguments = [String(count)] + allowances.flatMap { [$0.name, String($0.requests), $0.period.milliseconds] }
        let reply = try await queue.run(QueueScripts.spend, arguments, deadline: .milliseconds(250))
        guard let wait = reply.integer else { throw QueueError(message: "spend answered \(reply)") }
        return Int(wait)
    }
}

/// What was taken off in Redis and not used yet.
final class TakenAllowances: Sendable {
    private struct Rest {
        var count: Int
        var until: ContinuousClock.Instant
    }

    private static let most = 20_000
    private let rests = Mutex<[String: Rest]>([:])

    /// False, and nothing is spent, unless there is something left of each.
    func spend(_ allowances: [Allowance], at now: ContinuousClock.Instant) -> Bool {
        rests.withLock { rests in
            for allowance in allowances {
                guard let rest = rests[allowance.name], rest.count > 0, rest.until > now else { return false }
            }
            for allowance in allowances { rests[allowance.name]?.count -= 1 }
            return true
        }
    }

    func keep(_ count: Int, of allowances: [Allowance], until: ContinuousClock.Instant) {
        guard count > 0 else { return }
        rests.withLock { rests in
            if rests.count >= Self.most { rests = rests.filter { $0.value.count > 0 && $0.value.until > .now } }
            if rests.count >= Self.most { rests = [:] }
            for allowance in allowances { rests[allowance.name] = Rest(count: count, until: until) }
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
