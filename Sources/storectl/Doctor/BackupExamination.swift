import Configuration
import Foundation
import Program
import StoreRecords

/// Whether stores are backed up, and what nobody is to keep any longer is removed.
struct BackupExamination {
    /// Two nights.
    private static let age: TimeInterval = 48 * 3_600
    /// Workers look every minute.
    private static let patience: TimeInterval = 3_600
    private static let limit = 1_000

    let records: StoreRecords
    let settings: ConfigReader
    let hasDatabase: Bool

    func findings() async -> [Finding] {
        guard hasDatabase else {
            return ["backup-workers", "backup-age", "backup-purge"].map { .skipped($0, because: "no database") }
        }
        do {
            return [try await workers(), try await age(), try await purge()]
        } catch {
            return [.error("backup-workers", "\(error)", remedy: "Is this storectl of the same version as the database's schema?")]
        }
    }

    private func workers() async throws -> Finding {
        if try await records.keepsBackups() { return .fine("backup-workers", "a worker keeps backups") }
        let isSet = settings.text("vault.url") != nil
        guard try await records.hasBackups() || isSet else { return .fine("backup-workers", "this installation keeps no backups") }
        return .warning(
            "backup-workers",
            "no worker keeps backups, though " + (isSet ? "VAULT_URL is set here" : "there are some"),
            remedy: "Workers need VAULT_URL, VAULT_KEYS and CREDENTIALS_KEYS; storectl workers shows which of them keep backups."
        )
    }

    private func age() async throws -> Finding {
        let stale = try await records.staleBackups(before: Date() - Self.age)
        if stale.isEmpty { return .fine("backup-age", "no store waits for a backup since 48 h") }
        let stores = stale.prefix(3).map { "\($0.store) (since \(Int(-$0.since.timeIntervalSinceNow / 3_600)) h)" }
        return .warning(
            "backup-age",
            "\(stale.count) without a backup for more than 48 h: \(stores.joined(separator: ", "))",
            remedy: "storectl backups list ID tells why, docs/runbook.md#backups-fail what to do. storectl backups take ID tries one now."
        )
    }

    private func purge() async throws -> Finding {
        let overdue = try await records.storesToPurge(at: Date() - Self.patience, limit: Self.limit)
        if overdue.isEmpty { return .fine("backup-purge", "nothing is kept longer than it should be") }
        let count = overdue.count < Self.limit ? "\(overdue.count)" : "\(Self.limit) or more"
        return .warning(
            "backup-purge",
            "\(count) deleted stores are kept past their time: \(overdue.prefix(3).map(\.rawValue).joined(separator: ", "))",
            remedy: "Is the vault there? Workers that keep backups log \"Backups of deleted stores could not be removed\" with the reason."
        )
    }
}
