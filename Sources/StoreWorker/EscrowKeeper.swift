import CoreMetrics
import Foundation
import JobDispatch
package import Logging
package import Provisioning
package import Sealing
import ServiceLifecycle
package import StoreDomain
package import StoreRecords
import Synchronization

/// Puts what backups are encrypted with into the escrow beside them, sealed to the operator's key. One worker at a time does it.
///
/// What the vault has counts, and nothing in the database says what that is: so another vault, an older database and another key all get what they lack.
package struct EscrowKeeper: Service {
    private let records: StoreRecords
    private let vault: VaultClient
    private let seal: CredentialSeal
    private let key: EscrowKey
    private let platform: [String: SecretText]
    private let turns: Turns
    private let logger: Logger

    /// `platform`: what is kept for the platform itself.
    package init(
        records: StoreRecords,
        vault: VaultClient,
        seal: CredentialSeal,
        key: EscrowKey,
        platform: [String: SecretText],
        worker: String,
        interval: Duration = .seconds(60),
        logger: Logger
    ) {
        self.records = records
        self.vault = vault
        self.seal = seal
        self.key = key
        self.platform = platform
        turns = Turns(.escrow, records: records, worker: worker, every: interval, holding: 10, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        let known = Mutex<Set<RepositoryID>>([])
        await turns.take(failure: "What backups are encrypted with could not be put into escrow") {
            var kept = known.withLock { $0 }
            defer { known.withLock { $0 = kept } }
            try await keep(&kept)
        }
    }

    /// `kept`: those that were looked at. Throws the first error, at the end.
    package func keep(_ kept: inout Set<RepositoryID>, page: Int = 100) async throws {
        var pass = VaultPass()
        if !kept.contains(.platform), try await pass.attempt({ try await keep(platform.mapValues(\.value), of: .platform) }) {
            kept.insert(.platform)
        }
        var last: StoreID?
        while pass.goesOn {
            let found = try await records.backupKeys(after: last, limit: page)
            for (store, sealed) in found where pass.goesOn {
                last = store
                guard !kept.contains(.store(store)) else { continue }
                let isKept = try await pass.attempt {
                    try await keep(["PASSWORD": seal.open(sealed, as: .backupKey, of: store)], of: .store(store))
                }
                if isKept { kept.insert(.store(store)) }
            }
            if found.count < page { break }
        }
        try pass.close()
    }

    private func keep(_ secrets: [String: String], of repository: RepositoryID) async throws {
        let entry = try key.seal(secrets, of: repository)
        guard try await !vault.escrow(of: repository).contains(where: { $0.isAsGood(as: entry) }) else { return }
        try await vault.keep(entry, of: repository)
        logger.info("Put into escrow", metadata: ["repository": "\(repository)", "key": "\(key.id)"])
    }
}
