import CoreMetrics
package import Foundation
import JobDispatch
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Removes for good what was kept of deleted stores, once their time is over. One worker at a time does it.
package struct BackupPurger: Service {
    private let records: StoreRecords
    private let vault: VaultClient
    private let turns: Turns
    private let logger: Logger

    package init(records: StoreRecords, vault: VaultClient, worker: String, interval: Duration = .seconds(60), logger: Logger) {
        self.records = records
        self.vault = vault
        turns = Turns(.purge, records: records, worker: worker, every: interval, holding: 10, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Backups of deleted stores could not be removed") { try await purge(now: Date()) }
    }

    /// The rows go last: with them goes the knowledge of what is to be removed. Throws the first error, at the end.
    package func purge(now: Date, limit: Int = 100, within span: Duration = .seconds(240)) async throws {
        var pass = VaultPass(within: span)
        for store in try await records.storesToPurge(at: now, limit: limit) where pass.goesOn {
            let isDone = try await pass.attempt {
                // The list may be minutes old, and its clock another.
                guard try await records.isToPurge(store) else { return }
                try await vault.remove(.repository(.store(store)))
                guard try await records.purge(store) else { return }
                count("done")
                logger.info("The backups of a deleted store were removed", metadata: ["store": "\(store)"])
            }
            if !isDone { count("failed") }
        }
        try pass.close()
    }

    private func count(_ outcome: String) { Counter(label: "storeweaver_purges_total", dimensions: [("outcome", outcome)]).increment() }
}
