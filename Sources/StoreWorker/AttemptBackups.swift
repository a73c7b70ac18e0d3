import Cluster
import Foundation
import JobDispatch
import Provisioning
import Sealing
import StoreDomain
import StoreRecords

/// What an attempt does with a store's data, as fenced writes.
struct AttemptBackups: BackupJournal {
    /// A repository is checked and pruned this often: it costs more than a backup.
    private static let week: TimeInterval = 7 * 86_400

    let attempt: Attempt
    let records: StoreRecords
    let seal: CredentialSeal
    let retention: PlanRetention

    func begin(_ kind: BackupKind) async throws -> Backup {
        try await persistently { try await records.beginBackup(kind, under: attempt.claim) }
    }

    func end(_ backup: BackupID, _ result: Result<BackupContents, BackupFailure>) async throws {
        try await persistently { try await records.endBackup(backup, result, under: attempt.claim) }
    }

    func end(_ export: ArchiveID, _ result: Result<ArchiveContents, BackupFailure>) async throws {
        try await persistently { try await records.endExport(export, result, under: attempt.claim) }
    }

    func isMade(_ export: ArchiveID) async throws -> Bool { try await records.export(export, of: attempt.store.id)?.contents != nil }

    func taken(_ kind: BackupKind) async throws -> Backup? { try await records.takenBackup(kind, under: attempt.claim) }

    func closes() async throws { try await persistently { try await records.enterPhase(.closing, under: attempt.claim) } }

    func reopened() async throws { try await persistently { try await records.leavePhase(under: attempt.claim) } }

    func isBack() async throws { try await persistently { try await records.enterPhase(.reopening, under: attempt.claim) } }

    func upgrades(from backup: BackupID) async throws {
        try await persistently { try await records.enterPhase(.upgrading, backup: backup, under: attempt.claim) }
    }

    func replaces() async throws { try await persistently { try await records.enterPhase(.restoring, under: attempt.claim) } }

    func opens() async throws { try await persistently { try await records.enterPhase(.opening, under: attempt.claim) } }

    func isUnrestorable(_ reason: String) async throws {
        try await persistently { try await records.noteUnrestorable(reason, under: attempt.claim) }
    }

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

    func upkeep() async throws -> RepositoryUpkeep? {
        let now = Date()
        if let last = try await records.prunedAt(attempt.store.id), now.timeIntervalSince(last) < Self.week { return nil }
        let backups = try await records.backups(of: attempt.store.id)
        // As long as the repository is damaged, an older backup may be the only one that can be read.
        let isDamaged = try await records.repositoryCheck(of: attempt.store.id)?.damage != nil
        let expired = isDamaged ? [] : retention[attempt.store.spec.plan].expired(of: backups, now: now)
        let kept = try await persistently { try await records.forgetBackups(expired.map(\.id), under: attempt.claim) }
        let forgotten = Set(expired.map(\.id)).union(backups.filter { $0.status == .failed }.map(\.id)).subtracting(kept)
        return RepositoryUpkeep(keeping: kept, forgetting: forgotten, week: Int(now.timeIntervalSince1970 / Self.week))
    }

    func keptUp(damage: String?) async throws {
        try await persistently { try await records.endUpkeep(damage: damage, under: attempt.claim) }
    }
}
