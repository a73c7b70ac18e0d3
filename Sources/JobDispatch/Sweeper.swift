import CoreMetrics
package import JobQueue
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Keeps the queue true to PostgreSQL: puts back what Redis does not know and what workers left behind. One worker at a time does it.
package struct Sweeper: Service {
    private let records: StoreRecords
    private let queue: JobQueue
    private let worker: String
    private let interval: Duration
    private let logger: Logger

    package init(records: StoreRecords, queue: JobQueue, worker: String, interval: Duration = .seconds(1), logger: Logger) {
        self.records = records
        self.queue = queue
        self.worker = worker
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        var failing = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if !FaultSwitch.sweep.isOff, try await records.hold(.sweep, worker: worker, for: interval * 10) {
                    try await sweep()
                    Counter(label: "storeweaver_sweeps_total", dimensions: [("outcome", "done")]).increment()
                }
                failing = false
            } catch {
                Counter(label: "storeweaver_sweeps_total", dimensions: [("outcome", "failed")]).increment()
                if !failing { logger.warning("A sweep failed", metadata: ["error": "\(error)"]) }
                failing = true
            }
            await cancelWhenGracefulShutdown {
                do { try await Task.sleep(for: interval) } catch { return }
            }
        }
    }

    /// One pass. Harmless at any time: enqueuing a known job changes nothing.
    package func sweep() async throws {
        // First, since it holds for those that are released, too.
        if let pause = try await records.currentPause() { try await queue.pause(reason: "\(pause.by): \(pause.reason)") }
        let released = try await records.releaseLapsed()
        for job in released {
            count(job.isQueued ? "requeued" : job.buried != nil ? "buried" : "cancelled", 1)
            logger.notice("A worker vanished", metadata: ["job": "\(job.ticket.id)", "is-queued-again": "\(job.isQueued)"])
            if !job.isQueued { try await queue.conclude(job.ticket.id, buried: job.buried) }
        }
        try await queue.enqueue(released.filter(\.isQueued).map(\.ticket))
        var after: JobID?
        var found = 0
        repeat {
            let page = try await records.queuedTickets(limit: 500, after: after)
            found += try await queue.enqueue(queue.unknown(of: page))
            after = page.count == 500 ? page.last?.id : nil
        } while after != nil
        count("enqueued", found)
        if found > 0 { logger.notice("Jobs that Redis did not know are queued", metadata: ["jobs": "\(found)"]) }
        try await queue.writeReadme()
    }

    private func count(_ repair: String, _ amount: Int) {
        Counter(label: "storeweaver_sweep_repairs_total", dimensions: [("repair", repair)]).increment(by: amount)
    }
}
