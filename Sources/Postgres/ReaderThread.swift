import CLibpq
import DequeModule
import ThreadedIO

/// What the thread of a `PostgresReader` has.
struct ReaderThread {
    private struct InFlight {
        let job: PostgresReader.Job
        let batch: Int
        let name: String
        /// Whether the statement was prepared with it.
        let prepares: Bool
        /// How many results are still to come: of each command one.
        var awaited: Int
        var error: PostgresError?
        var isUnprepared = false
        /// The server did not look at it, since an earlier statement of its batch failed.
        var wasSkipped = false
        var isAnswered = false
    }

    /// As many as one that fails may set back.
    private static let batch = 32

    private let configuration: PostgresConfiguration
    private let interrupt: WakeupPipe
    private var handle: PostgresHandle?
    private var inFlight: Deque<InFlight> = []
    /// Jobs for which there is no connection yet.
    private var waiting: Deque<PostgresReader.Job> = []
    private var prepared = PreparedReads()
    /// The number of the batch that is sent next, and of the last one whose end the server told.
    private var nextBatch = 1
    private var endedBatch = 0
    private var connecting = Backoff()
    private var failure = PostgresError(code: .timedOut, message: "no connection in time")

    init(configuration: PostgresConfiguration, interrupt: WakeupPipe) {
        self.configuration = configuration
        self.interrupt = interrupt
    }

    /// Until there is something to read or to send, or somebody's time is over.
    mutating func wait() {
        var until = ContinuousClock.now + .seconds(3_600)
        if let first = inFlight.first { until = min(until, first.job.deadline) }
        if handle == nil, let next = waiting.map(\.connectBy).min() {
            until = min(until, next)
            guard let pause = connecting.wait() else { return }
            until = min(until, .now + pause)
        }
        let readiness: WakeupPipe.Readiness = needsFlush ? .either : .readable
        let outcome = interrupt.wait(for: readiness, on: handle?.socket ?? -1, until: until)
        isReady = outcome == .ready
        if outcome == .interrupted { interrupt.clear() }
    }

    private var needsFlush = false
    /// The last wait said that there is something to receive.
    private var isReady = false

    mutating func step(_ jobs: Deque<PostgresReader.Job>) {
        for job in jobs { waiting.append(job) }
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
        guard connecting.wait() == nil else { return }
        do {
            // Not the thread's own: jobs that come meanwhile do not interrupt it. Nobody's time is looked at until it ends, so it has no more than who
            // waits least; but some, or a server that came back would not be reached by those whose time is nearly over.
            let quiet = try WakeupPipe()
            let limit = waiting.map(\.connectBy).min() ?? .now
            let handle = try PostgresHandle.connect(
                configuration,
                interrupt: quiet,
                until: min(max(limit, .now + .milliseconds(500)), .now + .seconds(5))
            )
            guard unsafe PQenterPipelineMode(handle.raw) == 1 else {
                throw PostgresError(code: .connection, message: handle.errorMessage)
            }
            self.handle = handle
            (nextBatch, endedBatch) = (1, 0)
            prepared.reset()
            connecting.succeeded()
        } catch {
            failure = error as? PostgresError ?? PostgresError(code: .connection, message: "\(error)")
            connecting.failed()
        }
    }

    private mutating func send() {
        guard let handle else { return }
        while !waiting.isEmpty {
            var room = Self.batch
            while room > 0, let job = waiting.popFirst() {
                let (name, prepares) = prepared.use(job.statement)
                if prepares {
                    guard unsafe PQsendPrepare(handle.raw, name, job.statement.text, 0, nil) == 1 else { return lose(with: job) }
                }
                let sent = unsafe CStrings.withArray(job.parameters) {
                    unsafe PQsendQueryPrepared(handle.raw, name, Int32(job.parameters.count), $0, nil, nil, 1)
                }
                guard sent == 1 else { return lose(with: job) }
                inFlight.append(InFlight(job: job, batch: nextBatch, name: name, prepares: prepares, awaited: prepares ? 2 : 1))
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
            flight.isUnprepared = flight.prepares && flight.awaited > 0
        } else if result.hasRows {
            flight.isAnswered = true
            flight.job.succeed(result)
        }
        if flight.awaited > 0 { return inFlight.prepend(flight) }
        if let error = flight.error {
            settle(flight, error)
        } else if flight.wasSkipped {
            if flight.prepares { prepared.wasSkipped(flight.job.statement, name: flight.name) }
            waiting.append(flight.job)
        }
    }

    /// A statement that failed. Where the server has forgotten it, has its name already, or its plan no longer fits the tables, it is prepared anew, once.
    /// Else it stays prepared: one that fails for its values would leave one more in the server each time.
    private mutating func settle(_ flight: InFlight, _ error: PostgresError) {
        let isStale = ["26000", "42P05", "0A000"].contains(error.sqlState ?? "")
        if isStale || flight.isUnprepared { prepared.forget(flight.job.statement, name: flight.name) }
        if isStale, !flight.job.wasSent {
            again(flight.job)
        } else {
            flight.job.fail(error)
        }
    }

    private mutating func again(_ job: PostgresReader.Job) {
        var job = job
        job.wasSent = true
        waiting.append(job)
    }

    /// The connection is gone: what was on its way is sent once more on the next.
    private mutating func lose(with unsent: PostgresReader.Job? = nil) {
        failure = PostgresError(code: .connection, message: handle.map(\.errorMessage) ?? "the connection broke")
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
