import StoreDomain
import Synchronization

/// The attempts that run in this process, by job: whoever hears news of a job makes its heartbeat ask PostgreSQL at once.
final class RunningAttempts: Sendable {
    private let bells = Mutex<[JobID: Bell]>([:])

    /// Before the job is claimed, so that no news of its attempt falls between.
    func join(_ job: JobID) -> Bell {
        let bell = Bell()
        bells.withLock { $0[job] = bell }
        return bell
    }

    /// A later attempt of the same job may have joined meanwhile: that one's bell stays.
    func leave(_ job: JobID, _ bell: Bell) { bells.withLock { if $0[job] === bell { $0[job] = nil } } }

    var count: Int { bells.withLock { $0.count } }

    func lookAgain(_ job: JobID) { bells.withLock { $0[job] }?.ring() }

    func lookAgainAtAll() { for bell in bells.withLock({ Array($0.values) }) { bell.ring() } }
}

/// What wakes one heartbeat before its time. A ring that nobody waits for is kept; one stands for several.
package final class Bell: Sendable {
    private let rings: AsyncStream<Void>
    private let source: AsyncStream<Void>.Continuation

    package init() { (rings, source) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    package func ring() { source.yield() }

    /// Returns when it rings, at `time`, or when the task is cancelled: then it is of no more use. For one task at a time.
    package func wait(until time: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            // The time rings as everybody does: a stream whose reader is cancelled is over, so the reader is not to be raced.
            group.addTask { [source] in
                do { try await Task.sleep(until: time, clock: .continuous) } catch { return }
                source.yield()
            }
            var iterator = rings.makeAsyncIterator()
            _ = await iterator.next()
            group.cancelAll()
        }
    }
}
