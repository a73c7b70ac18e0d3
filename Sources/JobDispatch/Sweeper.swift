import CoreMetrics
package import JobQueue
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords
import Synchronization

/// Keeps the queue true to PostgreSQL: puts back what Redis does not know and what workers left behind. One worker at a time does it.
///
/// A pass costs the same however many jobs wait: it compares the newest hundred and the next four hundred of the others. Where something is
/// missing it goes on to the end, so that an empty Redis is full again within a pass or two; a single old job that Redis lost is found within
/// a second for each four hundred that wait.
package final class Sweeper: Service {
    private let records: StoreRecords
    private let queue: JobQueue
    private let turns: Turns
    private let logger: Logger
    /// Up to where the last pass has compared the queued jobs; `nil`: it begins with the oldest.
    private let place = Mutex<JobID?>(nil)

    package init(records: StoreRecords, queue: JobQueue, worker: String, interval: Duration = .seconds(1), logger: Logger) {
        self.records = records
        self.queue = queue
        turns = Turns(.sweep, records: records, worker: worker, every: interval, holding: 10, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        @Sendable func count(_ outcome: String) {
            Counter(label: "storeweaver_sweeps_total", dimensions: [("outcome", outcome)]).increment()
        }
        await turns.take(failure: "A sweep failed", isToldOnce: true, whenFailed: { count("failed") }) { _ in
            if FaultSwitch.sweep.isOff { return nil }
            try await self.sweep()
            count("done")
            return nil
        }
    }

    /// One pass. Harmless at any time: enqueuing a known job changes nothing.
    package func sweep() async throws {
        // First, since it holds for those that are released, too.
        if let pause = try await records.currentPause() { try await queue.pause(reason: "\(pause.by): \(pause.reason)") }
        let released = try await records.releaseLapsed()
        for job in released {
            count(job.isQueued ? "requeued" : job.deadLettered != nil ? "deadLettered" : "cancelled", 1)
            logger.notice("A worker vanished", metadata: ["job": "\(job.descriptor.id)", "is-queued-again": "\(job.isQueued)"])
            if !job.isQueued { try await queue.finalize(job.descriptor.id, deadLettered: job.deadLettered) }
        }
        try await queue.enqueue(released.filter(\.isQueued).map(\.descriptor))
        let found = try await putBack()
        count("enqueued", found)
        if found > 0 { logger.notice("Jobs that Redis did not know are queued", metadata: ["jobs": "\(found)"]) }
        try await queue.writeReadme()
    }

    /// Tells Redis of queued jobs that it does not know; how many they were.
    private func putBack() async throws -> Int {
        let newest = try await records.newestQueuedDescriptors(limit: 100)
        var found = try await putBack(newest)
        guard newest.count == 100 else { return found }
        var after = place.withLock { $0 }
        while true {
            let page = try await records.queuedDescriptors(limit: 400, after: after)
            let missing = try await putBack(page)
            found += missing
            after = page.count == 400 ? page.last?.id : nil
            if missing == 0 || after == nil { break }
        }
        place.withLock { [after] in $0 = after }
        return found
    }

    private func putBack(_ descriptors: [JobDescriptor]) async throws -> Int { try await queue.enqueue(queue.unknown(of: descriptors)) }

    private func count(_ repair: String, _ amount: Int) {
        Counter(label: "storeweaver_sweep_repairs_total", dimensions: [("repair", repair)]).increment(by: amount)
    }
}
