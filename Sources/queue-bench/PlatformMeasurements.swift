import Foundation
import JobDispatch
import JobQueue
import Logging
import Postgres
import ServiceLifecycle
import StoreDomain
import StoreRecords
import Synchronization

/// The queue with PostgreSQL's claims, fences and settlements, as workers run it, with work that takes no time.
struct PlatformMeasurements {
    let queue: JobQueue
    let records: StoreRecords
    let pool: PostgresPool

    /// Lays the schema and as many stores with a queued job each; Redis is told of none.
    func fill(_ count: Int) async throws {
        _ = try await StoreRecords.migrator.migrate(using: pool)
        let report = Report()
        // In portions: a statement has a session's time.
        for first in stride(from: 1, through: count, by: 5_000) {
            _ = try await pool.query(
                """
                WITH made AS (
                    INSERT INTO stores (id, name, engine, status, namespace, owner)
                    SELECT 'a' || lpad(to_hex(n), 11, '0'), 'Store ' || n, 'woocommerce', 'provisioning', 'store-n' || n, 'user' || n % 1000
                    FROM generate_series(\(first)::integer, \(min(count, first + 4_999))::integer) n RETURNING *)
                INSERT INTO jobs (store_id, kind, namespace, owner) SELECT id, 'provision', namespace, owner FROM made ORDER BY id
                """,
                deadline: .seconds(60)
            )
        }
        _ = try await pool.query("ANALYZE", deadline: .seconds(600))
        try report.end(count)
    }

    /// Tells Redis of what is queued and lets one worker run it all.
    func dispatch(_ count: Int, slots: Int) async throws {
        let times = Mutex<[Duration]>([])
        let logger = Logger(label: "queue-bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let handler = Instant { _ in times.withLock { $0.append(.zero) } }
        var after: JobID?
        var queued = 0
        while queued < count, case let page = try await records.queuedDescriptors(limit: min(1_000, count - queued), after: after),
            !page.isEmpty
        {
            queued += try await queue.enqueue(page)
            after = page.last?.id
        }
        let report = Report()
        try await withWorker(handler, slots: slots, logger: logger) {
            while true {
                let depth = try await queue.depth()
                if depth.ready + depth.running + depth.delayed == 0 { return }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let open: Int64 =
            try await pool.query("SELECT count(*) AS open FROM jobs WHERE state IN ('queued', 'running')").first?["open"] ?? -1
        try report.end(queued, ["begun": Double(times.withLock { $0.count }), "open": Double(open)])
    }

    /// One worker among others, until nothing is left to do.
    func work(slots: Int) async throws {
        let begun = Mutex(0)
        let logger = Logger(label: "queue-bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let report = Report()
        try await withWorker(Instant { _ in begun.withLock { $0 += 1 } }, slots: slots, logger: logger) {
            while true {
                let depth = try await queue.depth()
                if depth.ready + depth.running + depth.delayed == 0 { return }
                // Rarely: with fifty workers their looking would be a part of what a job costs.
                try await Task.sleep(for: .seconds(2))
            }
        }
        let count = begun.withLock { $0 }
        try report.end(max(count, 1), ["begun": Double(count)])
    }

    /// From before a job is told to Redis until PostgreSQL has given an idle worker its fence.
    func claim(_ count: Int) async throws {
        let logger = Logger(label: "queue-bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let (begun, sink) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
        let handler = Instant { _ in sink.yield(.now) }
        let jobs = try await records.queuedDescriptors(limit: count, after: nil)
        var times: [Duration] = []
        let report = Report()
        try await withWorker(handler, slots: 4, logger: logger) {
            var iterator = begun.makeAsyncIterator()
            for descriptor in jobs {
                try await Task.sleep(for: .milliseconds(Int.random(in: 15...40)))
                let moment = ContinuousClock.now
                _ = try await queue.enqueue([descriptor])
                guard let end = await iterator.next() else { break }
                times.append(end - moment)
            }
        }
        try report.end(times.count, Report.percentiles(of: times))
    }

    /// Passes of the sweep over an installation in which nothing is amiss.
    func sweep(_ count: Int) async throws {
        let logger = Logger(label: "queue-bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let sweeper = Sweeper(records: records, queue: queue, worker: "bench", logger: logger)
        // The first tells Redis what it does not know yet.
        try await sweeper.sweep()
        let report = Report()
        for _ in 0..<count { try await sweeper.sweep() }
        try report.end(count)
    }

    private func withWorker(_ handler: some JobHandler, slots: Int, logger: Logger, _ body: () async throws -> Void) async throws {
        let dispatcher = Dispatcher(
            configuration: DispatcherConfiguration(
                worker: "bench-\(ProcessInfo.processInfo.processIdentifier)",
                slots: slots,
                limits: ClassLimits(interactive: 1_000_000)
            ),
            records: records,
            renewals: records,
            queue: queue,
            handler: handler,
            logger: logger
        )
        let group = ServiceGroup(configuration: .init(services: [.init(service: dispatcher)], logger: logger))
        let running = Task { try await group.run() }
        try await body()
        await group.triggerGracefulShutdown()
        try await running.value
    }
}

/// Work that is done as soon as it begins.
private final class Instant: JobHandler {
    private let onBegin: @Sendable (Attempt) -> Void

    init(onBegin: @escaping @Sendable (Attempt) -> Void) { self.onBegin = onBegin }

    func run(_ attempt: Attempt) async -> AttemptOutcome {
        onBegin(attempt)
        return .ready(url: "http://localhost", engineVersion: nil)
    }
}
