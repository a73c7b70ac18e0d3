import CoreMetrics
package import Foundation
import JobDispatch
package import Logging
import ServiceLifecycle
package import StoreRecords

/// Removes for good what was kept of deleted stores, once their time is over. One worker at a time does it.
package struct BackupPurger: Service {
    private let records: StoreRecords
    private let vault: VaultClient
    private let worker: String
    private let interval: Duration
    private let logger: Logger

    package init(records: StoreRecords, vault: VaultClient, worker: String, interval: Duration = .seconds(60), logger: Logger) {
        self.records = records
        self.vault = vault
        self.worker = worker
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if try await records.hold(.purge, worker: worker, for: interval * 10) { try await purge(now: Date()) }
            } catch {
                logger.warning("Backups of deleted stores could not be removed", metadata: ["error": "\(error)"])
            }
            await pause(for: interval)
        }
    }

    /// One store that cannot be purged now does not keep the others; the first error is thrown at the end. The rows go last: with them goes the
    /// knowledge of what is to be removed.
    package func purge(now: Date, limit: Int = 100) async throws {
        var failure: (any Error)?
        for store in try await records.storesToPurge(at: now, limit: limit) {
            do {
                // The list may be minutes old, and its clock another.
                guard try await records.isToPurge(store) else { continue }
                try await vault.removeRepository(of: store)
                guard try await records.purge(store) else { continue }
                count("done")
                logger.info("The backups of a deleted store were removed", metadata: ["store": "\(store)"])
            } catch {
                try Task.checkCancellation()
                count("failed")
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private func count(_ outcome: String) { Counter(label: "storeweaver_purges_total", dimensions: [("outcome", outcome)]).increment() }
}
