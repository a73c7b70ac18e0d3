import Synchronization

/// Notices a PostgreSQL that is there and does not answer, so that not everybody waits for it: a half-open connection, a stopped server.
///
/// Once a statement ran out of its time, and none was answered since it began, all fail at once, but for one each `pause` which is to find out. Any answer
/// ends that.
final class SilenceWatch: Sendable {
    private struct State {
        var answeredAt: ContinuousClock.Instant?
        var isSilent = false
        var triedAt: ContinuousClock.Instant?
    }

    private let pause: Duration
    private let state = Mutex(State())

    init(pause: Duration = .seconds(1)) { self.pause = pause }

    /// To be called before a statement. Throws `.timedOut` where nobody is to wait.
    func enter(at now: ContinuousClock.Instant = .now) throws(PostgresError) {
        let mayTry = state.withLock { state in
            guard state.isSilent else { return true }
            if let tried = state.triedAt, now - tried < pause { return false }
            state.triedAt = now
            return true
        }
        guard mayTry else { throw PostgresError(code: .timedOut, message: "the server does not answer") }
    }

    /// The statement that was begun at `begun` has an answer, a refusal among them, or has none.
    func left(begun: ContinuousClock.Instant, with error: PostgresError?, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            switch error?.code {
            case nil, .server, .decoding:
                state.isSilent = false
                state.answeredAt = now
            case .timedOut, .poolExhausted:
                if let answered = state.answeredAt, answered > begun { return }
                if !state.isSilent { state.triedAt = now }
                state.isSilent = true
            // Refused connections fail at once by themselves; whoever gave up tells nothing of the server.
            case .connection, .cancelled, .closed, .configuration, .migration: break
            }
        }
    }
}
