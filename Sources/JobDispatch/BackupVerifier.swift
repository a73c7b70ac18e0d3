import CoreMetrics
package import Foundation
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Restores each store's newest backup into a hidden store once in each period, one after the other, notes how that ended, and removes the hidden
/// store. One worker at a time does it.
package struct BackupVerifier: Service {
    /// Jobs of the background may wait for hours; their own limits end them once they run.
    private static let patience = Duration.seconds(6 * 3_600)

    private let records: StoreRecords
    private let jobs: JobEnqueuer
    private let turns: Turns
    private let period: Duration?
    private let logger: Logger

    /// `period` nil: no tests are begun but those that an operator asks for.
    package init(
        records: StoreRecords,
        jobs: JobEnqueuer,
        worker: String,
        every period: Duration?,
        interval: Duration = .seconds(5),
        logger: Logger
    ) {
        self.records = records
        self.jobs = jobs
        turns = Turns(.verifications, records: records, worker: worker, every: interval, logger: logger)
        self.period = period
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Backups could not be tested") { try await turn(now: Date()) }
    }

    package func turn(now: Date) async throws {
        let hidden = try await records.verifications()
        for store in hidden { try await settle(store) }
        try await records.noteVerifications(every: period)
        guard hidden.isEmpty, let period, let backup = try await records.dueVerification(at: now) else { return }
        let next = now.addingTimeInterval(Double(period.components.seconds))
        guard case .accepted(let store, let descriptor) = try await records.beginVerification(of: backup, next: next) else { return }
        logger.info("A backup is restored as a test", metadata: ["backup": "\(backup)", "store": "\(store.id)"])
        await jobs.enqueue(descriptor)
    }

    private func settle(_ store: StoreID) async throws {
        switch try await records.endVerification(store, patience: Self.patience) {
        case .done(let backup, let descriptor, let cancelling):
            count("done")
            logger.info("A backup was restored as a test", metadata: ["backup": "\(backup)"])
            await jobs.enqueue(descriptor, cancelling: cancelling)
        case .failed(let backup, let failure, let descriptor, let cancelling):
            count("failed")
            logger.error("A backup could not be restored as a test", metadata: ["backup": "\(backup)", "reason": "\(failure)"])
            await jobs.enqueue(descriptor, cancelling: cancelling)
        case .untried(let backup, let reason, let descriptor, let cancelling):
            count("untried")
            logger.warning("A test restore could not be made", metadata: ["backup": "\(backup)", "reason": "\(reason)"])
            await jobs.enqueue(descriptor, cancelling: cancelling)
        case .removedAgain(let descriptor): await jobs.enqueue(descriptor)
        case .waits, .gone: break
        }
    }

    private func count(_ outcome: String) {
        Counter(label: "storeweaver_backups_verified_total", dimensions: [("outcome", outcome)]).increment()
    }
}
