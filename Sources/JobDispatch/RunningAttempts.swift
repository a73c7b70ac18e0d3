import StoreDomain
import Synchronization

/// The attempts that run in this process, by job: whoever hears news of a job makes its heartbeat ask PostgreSQL at once.
final class RunningAttempts: Sendable {
    private let bells = Mutex<[JobID: AsyncStream<Void>.Continuation]>([:])

    /// Rings for each call of `lookAgain`; one ring stands for several. Ends with `leave`.
    func join(_ job: JobID) -> AsyncStream<Void> {
        let (bell, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        bells.withLock { $0.updateValue(continuation, forKey: job) }?.finish()
        return bell
    }

    func leave(_ job: JobID) { bells.withLock { $0.removeValue(forKey: job) }?.finish() }

    var count: Int { bells.withLock { $0.count } }

    func lookAgain(_ job: JobID) { bells.withLock { $0[job] }?.yield() }

    func lookAgainAtAll() { for bell in bells.withLock({ Array($0.values) }) { bell.yield() } }
}
