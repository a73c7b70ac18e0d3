import Cluster
import Foundation
import JobDispatch
import Provisioning
import Sealing
import StoreDomain
import StoreRecords

/// What an attempt does with a store's data, as fenced writes.
struct AttemptBackups: BackupJournal {
    /// Old backups are removed this often at most: it costs more than a backup.
    private static let pruneInterval: TimeInterval = 7 * 86_400

    let attempt: Attempt
    let records: StoreRecords
    let seal: CredentialSeal
    let retention: BackupRetention

    func begin(_ kind: BackupKind) async throws -> Backup {
        try await persistently { try await records.beginBackup(kind, under: attempt.claim) }
    }

    func end(_ backup: BackupID, _ result: Result<BackupContents, BackupFailure>) async throws {
        try await persistently { try await records.endBackup(backup, result, under: attempt.claim) }
    }

    func taken(_ kind: BackupKind) async throws -> Backup? { try await records.takenBackup(kind, under: attempt.claim) }

    func replaces() async throws { try await persistently { try await records.enterPhase(.restoring, under: attempt.claim) } }

    func opens() async throws { try await persistently { try await records.enterPhase(.opening, under: attempt.claim) } }

    func password(of store: StoreID) async throws -> SecretText {
        do {
            if let sealed = try await records.backupKey(of: store) {
                return SecretText(value: try seal.open(sealed, as: .backupKey, of: store))
            }
            // The first one that is kept wins: the repository has no other.
            let sealed = try seal.seal(SecretText.random().value, as: .backupKey, of: store)
            return SecretText(value: try seal.open(try await records.keepBackupKey(sealed, of: store), as: .backupKey, of: store))
        } catch let error as CredentialSeal.Failure {
            let reason =
                switch error {
                case .unknownKey(let key): "CREDENTIALS_KEYS has no key \(key), which seals it"
                case .broken: "it was changed, or is another store's"
                }
            throw ClusterError(code: .configuration, message: "The password of the store's backups cannot be opened: \(reason).")
        }
    }

    func expired() async throws -> [Backup] {
        let now = Date()
        let pruned = try await records.prunedAt(attempt.store.id)
        if let pruned, now.timeIntervalSince(pruned) < Self.pruneInterval { return [] }
        let needed = try await records.neededBackups(of: attempt.store.id)
        return retention.expired(of: try await records.backups(of: attempt.store.id), now: now).filter { !needed.contains($0.id) }
    }

    func forget(_ backups: [BackupID]) async throws {
        try await persistently { try await records.forgetBackups(backups, under: attempt.claim) }
    }
}
