import StoreDomain
import Synchronization

/// The attempts that run in this process, by job: whoever hears news of a job makes its renewer ask PostgreSQL at once.
final class RunningAttempts: Sendable {
    private let wakeups = Mutex<[JobID: WakeupSignal]>([:])

    /// Before the job is claimed, so that no news of its attempt falls between.
    func join(_ job: JobID) -> WakeupSignal {
        let wakeup = WakeupSignal()
        wakeups.withLock { $0[job] = wakeup }
        return wakeup
    }

    /// A later attempt of the same job may have joined meanwhile: that one's wakeup stays.
    func leave(_ job: JobID, _ wakeup: WakeupSignal) { wakeups.withLock { if $0[job] === wakeup { $0[job] = nil } } }

    var count: Int { wakeups.withLock { $0.count } }

    func lookAgain(_ job: JobID) { wakeups.withLock { $0[job] }?.wake() }

    func lookAgainAtAll() { for wakeup in wakeups.withLock({ Array($0.values) }) { wakeup.wake() } }
}

/// What wakes one renewer before its time. A wake that nobody waits for is kept; one stands for several.
package final class WakeupSignal: Sendable {
    private let wakes: AsyncStream<Void>
    private let source: AsyncStream<Void>.Continuation

    package init() { (wakes, source) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    package func wake() { source.yield() }

    /// Returns when it wakes, at `time`, or when the task is cancelled: then it is of no more use. For one task at a time.
    package func wait(until time: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            // The time wakes as everybody does: a stream whose reader is cancelled is over, so the reader is not to be raced.
            group.addTask { [source] in
                do { try await Task.sleep(until: time, clock: .continuous) } catch { return }
                source.yield()
            }
            var iterator = wakes.makeAsyncIterator()
            _ = await iterator.next()
            group.cancelAll()
        }
    }
}
