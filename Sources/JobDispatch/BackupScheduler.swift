package import Foundation
package import Logging
import ServiceLifecycle
package import StoreDomain
package import StoreRecords

/// Queues each store's backup of the night at its minute. One worker at a time does it.
package struct BackupScheduler: Service {
    private let records: StoreRecords
    private let jobs: JobEnqueuer
    private let turns: Turns
    private let window: BackupWindow
    private let logger: Logger

    package init(
        records: StoreRecords,
        jobs: JobEnqueuer,
        worker: String,
        window: BackupWindow,
        interval: Duration = .seconds(30),
        logger: Logger
    ) {
        self.records = records
        self.jobs = jobs
        turns = Turns(.backups, records: records, worker: worker, every: interval, logger: logger)
        self.window = window
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Backups of the night could not be queued") { try await queue(now: Date()) }
    }

    /// All that is due. A page of which nothing could be done would be the next one again.
    package func queue(now: Date, page: Int = 100) async throws {
        while true {
            let due = try await records.dueBackups(at: now, limit: page)
            var done = 0
            for store in due where try await queue(store, now: now) { done += 1 }
            if due.count < page || done == 0 { return }
        }
    }

    /// Whether the store is no longer due.
    private func queue(_ due: DueBackup, now: Date) async throws -> Bool {
        let next = window.next(after: now, for: due.store)
        // One that has no minute yet waits for it.
        guard due.noted != nil else { return try await records.note(due, next: next) }
        switch try await records.queueBackup(of: due, next: next) {
        case .accepted(let descriptor):
            await jobs.enqueue(descriptor)
            return true
        case .left: return false
        }
    }
}
