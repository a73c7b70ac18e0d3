import CLibpq
import DequeModule
import Foundation
import Synchronization
import ThreadedIO

/// A statement by the name under which each connection of a reader prepares it.
final class ReadStatement: Sendable {
    let text: String
    let name: String

    init(_ text: String, name: String) {
        self.text = text
        self.name = name
    }
}

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
    private let interrupt: Interrupt
    private let state = Mutex(State())
    private let statements = Mutex<[String: ReadStatement]>([:])

    init(configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        do { interrupt = try Interrupt() } catch { throw PostgresError(code: .connection, message: "\(error)") }
    }

    /// Texts are few: values are parameters.
    func statement(_ text: String) -> ReadStatement {
        statements.withLock { statements in
            if let known = statements[text] { return known }
            let statement = ReadStatement(text, name: "r\(statements.count)")
            statements[text] = statement
            return statement
        }
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
        if jobs.isEmpty { work.wait() }
        return jobs
    }
}

/// What the thread of a `PostgresReader` has.
private struct ReaderThread {
    private struct InFlight {
        let job: PostgresReader.Job
        let batch: Int
        /// Whether the statement was prepared with it.
        let prepares: Bool
        /// How many results are still to come: of each command one.
        var awaited: Int
        var error: PostgresError?
        /// The server did not look at it, since an earlier statement of its batch failed.
        var wasSkipped = false
        var isAnswered = false
    }

    /// As many as one that fails may set back.
    private static let batch = 32

    private let configuration: PostgresConfiguration
    private let interrupt: Interrupt
    private var handle: PostgresHandle?
    private var inFlight: Deque<InFlight> = []
    /// Jobs for which there is no connection yet.
    private var waiting: Deque<PostgresReader.Job> = []
    /// Of each statement that the server knows, how often it was forgotten: names never come twice on a connection.
    private var prepared: [String: Int] = [:]
    private var forgotten: [String: Int] = [:]
    /// The number of the batch that is sent next, and of the last one whose end the server told.
    private var nextBatch = 1
    private var endedBatch = 0
    private var dialling = Backoff()
    private var failure = PostgresError(code: .timedOut, message: "no connection in time")

    init(configuration: PostgresConfiguration, interrupt: Interrupt) {
        self.configuration = configuration
        self.interrupt = interrupt
    }

    /// Until there is something to read or to send, or somebody's time is over.
    mutating func wait() {
        var until = ContinuousClock.now + .seconds(3_600)
        if let first = inFlight.first { until = min(until, first.job.deadline) }
        if handle == nil, let next = waiting.map(\.connectBy).min() {
            until = min(until, next)
            guard let pause = dialling.wait() else { return }
            until = min(until, .now + pause)
        }
        let readiness: Interrupt.Readiness = needsFlush ? .either : .readable
        let outcome = interrupt.wait(for: readiness, on: handle?.socket ?? -1, until: until)
        isReady = outcome == .ready
        if outcome == .interrupted { interrupt.clear() }
    }

    private var needsFlush = false
    /// The last wait said that there is something to receive.
    private var isReady = false

    mutating func step(_ jobs: Deque<PostgresReader.Job>) {
        waiting.append(contentsOf: jobs)
        if handle == nil, !waiting.isEmpty { dial() }
        // What has to be sent once more is found while receiving.
        repeat {
            send()
            if isReady || needsFlush { receive() }
        } while handle != nil && !waiting.isEmpty
        isReady = false
        expire()
    }

    mutating func end(_ left: Deque<PostgresReader.Job>) {
        let closed = PostgresError(code: .closed, message: "the connection pool is closed")
        for job in inFlight where !job.isAnswered { job.job.fail(closed) }
        for job in waiting { job.fail(closed) }
        for job in left { job.fail(closed) }
    }

    private mutating func dial() {
        guard dialling.wait() == nil else { return }
        do {
            // Not the thread's own: jobs that come meanwhile do not interrupt it.
            let quiet = try Interrupt()
            let handle = try PostgresHandle.connect(configuration, interrupt: quiet, until: .now + .seconds(5))
            guard unsafe PQenterPipelineMode(handle.raw) == 1 else {
                throw PostgresError(code: .connection, message: handle.complaint)
            }
            self.handle = handle
            (nextBatch, endedBatch) = (1, 0)
            prepared = [:]
            dialling.succeeded()
        } catch {
            failure = error as? PostgresError ?? PostgresError(code: .connection, message: "\(error)")
            dialling.failed()
        }
    }

    private mutating func send() {
        guard let handle else { return }
        while !waiting.isEmpty {
            var room = Self.batch
            while room > 0, let job = waiting.popFirst() {
                let base = job.statement.name
                let name = "\(base)_\(forgotten[base] ?? 0)"
                let prepares = prepared[base] == nil
                if prepares {
                    guard unsafe PQsendPrepare(handle.raw, name, job.statement.text, 0, nil) == 1 else { return lose(with: job) }
                    prepared[base] = 0
                }
                let sent = unsafe CStrings.withArray(job.parameters) {
                    unsafe PQsendQueryPrepared(handle.raw, name, Int32(job.parameters.count), $0, nil, nil, 1)
                }
                guard sent == 1 else { return lose(with: job) }
                inFlight.append(InFlight(job: job, batch: nextBatch, prepares: prepares, awaited: prepares ? 2 : 1))
                room -= 1
            }
            guard unsafe PQpipelineSync(handle.raw) == 1 else { return lose() }
            nextBatch += 1
        }
        flush()
    }

    private mutating func flush() {
        guard let handle else { return }
        let left = unsafe PQflush(handle.raw)
        if left < 0 { lose() }
        needsFlush = left > 0
    }

    private mutating func receive() {
        guard let handle else { return }
        guard unsafe PQconsumeInput(handle.raw) == 1 else { return lose() }
        if needsFlush { flush() }
        while self.handle != nil, unsafe PQisBusy(handle.raw) == 0 {
            // Between two commands' results there is nothing; when none is expected there is nothing more.
            guard let raw = unsafe PQgetResult(handle.raw) else {
                if unsafe PQstatus(handle.raw) == CONNECTION_BAD { return lose() }
                if endedBatch + 1 == nextBatch { return }
                continue
            }
            take(unsafe PostgresResult(raw))
        }
    }

    private mutating func take(_ result: consuming PostgresResult) {
        if result.isPipelineSync {
            endedBatch += 1
            // Each command has had its result by then, or the two sides no longer understand each other.
            if let first = inFlight.first, first.batch <= endedBatch { lose() }
            return
        }
        guard var flight = inFlight.popFirst() else { return }
        flight.awaited -= 1
        if result.wasSkipped {
            flight.wasSkipped = true
        } else if let error = result.error {
            if error.endsConnection {
                inFlight.prepend(flight)
                return lose()
            }
            flight.error = flight.error ?? error
        } else if result.hasRows {
            flight.isAnswered = true
            flight.job.succeed(result)
        }
        if flight.awaited > 0 { return inFlight.prepend(flight) }
        if let error = flight.error {
            settle(flight.job, error)
        } else if flight.wasSkipped {
            if flight.prepares { prepared[flight.job.statement.name] = nil }
            waiting.append(flight.job)
        }
    }

    /// A statement that failed. Where the server has forgotten it, or its plan no longer fits the tables, it is prepared anew, once.
    private mutating func settle(_ job: PostgresReader.Job, _ error: PostgresError) {
        let base = job.statement.name
        prepared[base] = nil
        forgotten[base, default: 0] += 1
        if ["26000", "0A000"].contains(error.sqlState ?? ""), !job.wasSent {
            again(job)
        } else {
            job.fail(error)
        }
    }

    private mutating func again(_ job: PostgresReader.Job) {
        var job = job
        job.wasSent = true
        waiting.append(job)
    }

    /// The connection is gone: what was on its way is sent once more on the next.
    private mutating func lose(with unsent: PostgresReader.Job? = nil) {
        failure = PostgresError(code: .connection, message: handle.map(\.complaint) ?? "the connection broke")
        handle = nil
        needsFlush = false
        let lost = inFlight
        inFlight = []
        if let unsent { waiting.prepend(unsent) }
        for flight in lost where !flight.isAnswered {
            if flight.job.wasSent { flight.job.fail(failure) } else { again(flight.job) }
        }
    }

    private mutating func expire() {
        let now = ContinuousClock.now
        if let first = inFlight.first, first.job.deadline <= now {
            if !first.isAnswered { first.job.fail(PostgresError(code: .timedOut, message: "no answer in time")) }
            inFlight.removeFirst()
            handle?.cancel()
            lose()
        }
        guard handle == nil else { return }
        while let place = waiting.firstIndex(where: { $0.connectBy <= now }) { waiting.remove(at: place).fail(failure) }
    }
}
