import DequeModule
import Foundation
import Synchronization
import ThreadedIO

/// Many callers' reads over one connection, on a thread of its own: they are sent as they come, in libpq's pipeline mode, and each caller is
/// answered as its result arrives. What waits together is sent together, in one transaction, and costs one system call of each side; those
/// behind one that fails are sent again.
///
/// A result is decoded on the thread, from libpq's memory. Reads that a broken connection left unanswered are sent once more.
final class PostgresReader: Sendable {
    struct Job: Sendable {
        let statement: ReadStatement
        let parameters: [String?]
        /// When the caller gives up, and when it does unless a connection is there.
        let deadline: ContinuousClock.Instant
        let connectBy: ContinuousClock.Instant
        let succeed: @Sendable (borrowing PostgresResult) -> Void
        let fail: @Sendable (PostgresError) -> Void
        var wasSent = false
    }

    private struct State {
        var jobs: Deque<Job> = []
        /// The thread waits, and is to be woken for a job.
        var isAsleep = false
        var isStarted = false
        var isClosed = false
    }

    private let configuration: PostgresConfiguration
    private let interrupt: WakeupPipe
    private let state = Mutex(State())

    init(configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration.forReads
        do { interrupt = try WakeupPipe() } catch { throw PostgresError(code: .connection, message: "\(error)") }
    }

    func submit(_ job: Job) {
        enum Action { case none, wake, start, refuse }
        let action = state.withLock { state -> Action in
            if state.isClosed { return .refuse }
            state.jobs.append(job)
            if !state.isStarted {
                state.isStarted = true
                return .start
            }
            defer { state.isAsleep = false }
            return state.isAsleep ? .wake : .none
        }
        switch action {
        case .none: break
        case .wake: interrupt.raise()
        case .start: start()
        case .refuse: job.fail(PostgresError(code: .closed, message: "the connection pool is closed"))
        }
    }

    /// What was not answered fails.
    func close() {
        state.withLock { $0.isClosed = true }
        interrupt.raise()
    }

    private func start() {
        let thread = Thread { [self] in
            var work = ReaderThread(configuration: configuration, interrupt: interrupt)
            while let jobs = take(waitingFor: &work) { work.step(jobs) }
            let left = state.withLock { state in
                defer { state.jobs = [] }
                return state.jobs
            }
            work.end(left)
        }
        thread.name = "postgres-reader"
        thread.stackSize = 1_024 * 1_024
        thread.start()
    }

    /// What came meanwhile; waits when there is nothing to send. `nil`: it is closed.
    private func take(waitingFor work: inout ReaderThread) -> Deque<Job>? {
        let (jobs, isClosed) = state.withLock { state in
            let jobs = state.jobs
            state.jobs = []
            state.isAsleep = jobs.isEmpty
            return (jobs, state.isClosed)
        }
        if isClosed {
            state.withLock { $0.jobs = jobs }
            return nil
        }
        if jobs.isEmpty {
            work.wait()
            // Who comes while what arrived is read need not wake anybody.
            state.withLock { $0.isAsleep = false }
        }
        return jobs
    }
}
