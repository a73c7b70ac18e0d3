package import Logging
import Redis
import Synchronization
import ThreadedIO

/// So many requests at once, which come back evenly within the period.
package struct RateLimit: Sendable, Equatable {
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

/// Counts requests in Redis, for all API processes together. A process that is asked often takes several off at a time, so that hardly a request
/// waits for Redis; nobody gets more than a fiftieth above his rate limit by that. While Redis is away each process counts for itself: nobody is
/// locked out, and nobody gets more than his rate limit from each process.
package final class RateLimiter: Sendable {
    private let queue: JobQueue
    private let logger: Logger
    private let deadline: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let here = LocalRateLimits()
    private let batches = Mutex<[String: TokenBatch]>([:])
    /// Redis is not asked again before this.
    private let pause = Mutex<ContinuousClock.Instant?>(nil)

    /// `deadline`: a Redis that has not answered by then counts as away for the next two seconds.
    package init(
        queue: JobQueue,
        logger: Logger,
        deadline: Duration = .milliseconds(250),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.queue = queue
        self.logger = logger
        self.deadline = deadline
        self.now = now
    }

    /// `nil`: the request may pass, and was counted. Otherwise for how long to wait; then nothing was counted.
    package func spend(_ rateLimit: RateLimit) async -> Duration? {
        if let until = pause.withLock({ $0 }), now() < until { return here.spend(rateLimit, at: now()) }
        let batch = batch(of: rateLimit)
        if batch.change.spend(1, at: now()) == 1 { return nil }
        do {
            return try await batch.filled(())
        } catch {
            pause.withLock { $0 = now() + .seconds(2) }
            logger.warning("Requests are counted by this process alone", metadata: ["error": "\(error)"])
            return here.spend(rateLimit, at: now())
        }
    }

    private func batch(of rateLimit: RateLimit) -> TokenBatch {
        batches.withLock { batches in
            if let known = batches[rateLimit.name] { return known }
            if batches.count >= LocalRateLimits.most { batches = batches.filter { $0.value.change.isOfUse(at: now()) } }
            if batches.count >= LocalRateLimits.most { batches = [:] }
            let batch = TokenBatch(most: rateLimit.requests / 50, now: now) { [queue, deadline] in
                try await queue.take($0, of: rateLimit, deadline: deadline)
            }
            batches[rateLimit.name] = batch
            return batch
        }
    }
}

/// One rate limit in this process. Those who find it empty at the same time are served by one trip to Redis.
struct TokenBatch: Sendable {
    let change: Change
    let filled: CallBatcher<Void, Duration?>

    /// `most`: no more are taken for later than so many. `take`: takes so many off; how long to wait, or `nil`.
    init(
        most: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        take: @escaping @Sendable (Int) async throws -> Duration?
    ) {
        let change = Change(most: most)
        self.change = change
        filled = CallBatcher(atMost: 1_000) { callers in
            // The trip before this one may have brought enough.
            var answers: [Duration?] = Array(repeating: nil, count: change.spend(callers.count, at: now()))
            let waiting = callers.count - answers.count
            guard waiting > 0 else { return answers }
            let count = change.next(for: waiting, at: now())
            if try await take(count) == nil {
                change.keep(count - waiting)
                return callers.map { _ in nil }
            }
            // What is left is less than that.
            change.keep(nil)
            var wait: Duration?
            while answers.count < callers.count {
                if wait == nil { wait = try await take(1) }
                answers.append(wait)
            }
            return answers
        }
    }
}

/// What was taken off in Redis and not used yet.
final class Change: Sendable {
    private struct State {
        var left = 0
        /// How many were taken the last time, and when.
        var taken = 0
        var at = ContinuousClock.now
    }

    /// What is not used by then is lost to the caller, whose rate limit has long come back meanwhile.
    private static let life = Duration.seconds(10)

    private let most: Int
    private let state = Mutex(State())

    /// `most`: no more are taken for later than so many.
    init(most: Int) { self.most = most }

    /// How many of so many there were.
    func spend(_ count: Int, at now: ContinuousClock.Instant) -> Int {
        state.withLock { state in
            guard now < state.at + Self.life else { return 0 }
            let spent = min(count, state.left)
            state.left -= spent
            return spent
        }
    }

    /// How many to take off for so many callers: twice as many as the last time if those were gone within a second, else as many as were used.
    func next(for callers: Int, at now: ContinuousClock.Instant) -> Int {
        state.withLock { state in
            let used = state.taken - state.left
            let wanted = state.left == 0 && now < state.at + .seconds(1) ? 2 * used : used
            state = State(taken: max(callers, min(wanted, most)), at: now)
            return state.taken
        }
    }

    /// `nil`: none were to be had.
    func keep(_ count: Int?) {
        state.withLock { state in
            state.left = count ?? 0
            if count == nil { state.taken = 0 }
        }
    }

    func isOfUse(at now: ContinuousClock.Instant) -> Bool { state.withLock { $0.left > 0 && now < $0.at + Self.life } }
}

extension JobQueue {
    /// How long to wait; `nil`: they are taken.
    fileprivate func take(_ count: Int, of rateLimit: RateLimit, deadline: Duration) async throws -> Duration? {
        let reply = try await run(
            QueueScripts.spend,
            [String(count), rateLimit.name, String(rateLimit.requests), rateLimit.period.milliseconds],
            deadline: deadline
        )
        guard let wait = reply.integer else { throw QueueError(message: "spend answered \(reply)") }
        return wait > 0 ? .milliseconds(wait) : nil
    }
}

/// The same count in memory, as `spend.lua` does it.
final class LocalRateLimits: Sendable {
    /// How many names are kept.
    static let most = 20_000

    private let limit: Int
    private let whole = Mutex<[String: ContinuousClock.Instant]>([:])

    /// `limit`: with more names, those that are whole again are forgotten, and if all are in use, every one is.
    init(limit: Int = most) { self.limit = limit }

    var known: Int { whole.withLock { $0.count } }

    func spend(_ rateLimit: RateLimit, at now: ContinuousClock.Instant) -> Duration? {
        whole.withLock { whole in
            let end = max(whole[rateLimit.name] ?? now, now) + rateLimit.period / rateLimit.requests
            let wait = end - now - rateLimit.period
            if wait > .zero { return wait }
            if whole.count >= limit { whole = whole.filter { $0.value > now } }
            if whole.count >= limit { whole = [:] }
            whole[rateLimit.name] = end
            return nil
        }
    }
}
