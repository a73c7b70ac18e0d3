import JobDispatch
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Notes how large the repository of each store's backups is, after each backup and each upkeep. One worker at a time does it.
package struct RepositoryMeter: Service {
    private let records: StoreRecords
    private let vault: VaultClient
    private let turns: Turns

    package init(records: StoreRecords, vault: VaultClient, worker: String, interval: Duration = .seconds(60), logger: Logger) {
        self.records = records
        self.vault = vault
        turns = Turns(.repositories, records: records, worker: worker, every: interval, holding: 10, logger: logger)
    }

    package func run() async throws {
        await turns.take(failure: "The sizes of backups' repositories could not be noted") { try await measure() }
    }

    /// Throws the first error, at the end.
    package func measure(limit: Int = 200, within span: Duration = .seconds(240)) async throws {
        var pass = VaultPass(within: span)
        for (store, moment) in try await records.repositoriesToMeasure(limit: limit) where pass.goesOn {
            _ = try await pass.attempt {
                try await records.note(repositoryOf: store, bytes: try await vault.size(of: .repository(.store(store))), asOf: moment)
            }
        }
        try pass.close()
    }
}
