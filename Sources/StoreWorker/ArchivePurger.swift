import CoreMetrics
package import Foundation
import JobDispatch
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Removes archives from the vault once their time is over. One worker at a time does it.
package struct ArchivePurger: Service {
    private let records: StoreRecords
    private let vault: VaultClient
    private let turns: Turns

    package init(records: StoreRecords, vault: VaultClient, worker: String, interval: Duration = .seconds(60), logger: Logger) {
        self.records = records
        self.vault = vault
        turns = Turns(.archives, records: records, worker: worker, every: interval, holding: 10, logger: logger)
    }

    package func run() async throws {
        await turns.take(failure: "Archives could not be removed") { try await purge(now: Date()) }
    }

    /// The row goes last, as `BackupPurger` has it. Throws the first error, at the end.
    package func purge(now: Date, limit: Int = 100, within span: Duration = .seconds(240)) async throws {
        var pass = VaultPass(within: span)
        for archive in try await records.expiredArchives(at: now, limit: limit) where pass.goesOn {
            let isDone = try await pass.attempt {
                // The list may be minutes old, and its clock another.
                guard try await records.isExpired(archive) else { return }
                try await vault.remove(.archive(archive))
                try await records.forgetArchive(archive)
                count("done")
            }
            if !isDone { count("failed") }
        }
        try pass.close()
    }

    private func count(_ outcome: String) {
        Counter(label: "storeweaver_archive_purges_total", dimensions: [("outcome", outcome)]).increment()
    }
}
