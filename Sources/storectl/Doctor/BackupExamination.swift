import Configuration
import Foundation
import Program
import Provisioning
import Sealing
import StoreDomain
import StoreRecords
import StoreWorker

/// Whether stores are backed up, and what nobody is to keep any longer is removed.
struct BackupExamination {
    /// Two nights.
    private static let age: TimeInterval = 48 * 3_600
    private static let verifyAge: TimeInterval = 45 * 86_400
    /// Workers look every minute.
    private static let patience: TimeInterval = 3_600
    private static let limit = 1_000
    /// It is saved hourly.
    private static let platformAge: TimeInterval = 3 * 3_600

    let records: StoreRecords
    let settings: ConfigReader
    let hasDatabase: Bool

    func findings() async -> [Finding] { await ofStores() + [escrow(), await platform()] }

    private func ofStores() async -> [Finding] {
        guard hasDatabase else {
            return ["backup-workers", "backup-age", "backup-check", "backup-verify", "backup-purge"].map {
                .skipped($0, because: "no database")
            }
        }
        do {
            return [try await workers(), try await age(), try await check(), try await verifications(), try await purge()]
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

    /// By the settings that are here: a worker's pod has its own.
    private func escrow() -> Finding {
        guard settings.text("vault.url") != nil else { return .fine("backup-escrow", "not asked: VAULT_URL is not set here") }
        do {
            if let key = try EscrowKey(setting: settings.text("backup.escrow.key")) {
                return .fine("backup-escrow", "repositories' passwords go into escrow, sealed to key \(key.id)")
            }
        } catch { return .error("backup-escrow", "\(error)", remedy: "storectl escrow new makes a key pair.") }
        return .warning(
            "backup-escrow",
            "there is no escrow: without this database or CREDENTIALS_KEYS no backup can be read",
            remedy: "storectl escrow new FILE prints BACKUP_ESCROW_KEY for the workers; keep FILE elsewhere. docs/operations.md#the-escrow"
        )
    }

    private func platform() async -> Finding {
        let name = "platform-backup"
        do {
            guard let vault = try settings.value("vault.url", VaultAddress.form, VaultAddress.init),
                let keys = settings.text("vault.keys", isSecret: true)
            else { return .fine(name, "not asked: VAULT_URL or VAULT_KEYS is not set here") }
            let client = VaultClient(address: vault, keys: try KeyRing(keys, setting: "VAULT_KEYS"), seconds: 5)
            var known: [String: Date] = [:]
            let remedy = "docs/runbook.md#platformbackupstale: how do the Jobs of the CronJob platform-backup end?"
            guard settings.text("platform.backup.password", isSecret: true) != nil,
                let newest = try await client.newestSnapshot(of: .platform, known: &known)
            else {
                return .warning(name, "the platform's own database is not in the vault", remedy: remedy)
            }
            let age = -newest.timeIntervalSinceNow
            let hours = "the platform's own database was saved \(Int(age / 3_600)) h ago"
            return age < Self.platformAge ? .fine(name, hours) : .warning(name, hours, remedy: remedy)
        } catch { return .warning(name, "\(error)", remedy: "Does the vault answer?") }
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

    private func check() async throws -> Finding {
        let damaged = try await records.damagedRepositories()
        if damaged.isEmpty { return .fine("backup-check", "no check of a repository found anything wrong") }
        let stores = damaged.prefix(3).map { "\($0.store) (\($0.damage ?? ""))" }
        return .error(
            "backup-check",
            "\(damaged.count) repositories are damaged: \(stores.joined(separator: ", "))",
            remedy: "docs/runbook.md#storebackupdamaged tells what can be saved. Stores serve on, but their older backups may be of no use."
        )
    }

    private func verifications() async throws -> Finding {
        let open = try await records.unverified(since: Date() - Self.verifyAge)
        if open.isEmpty { return .fine("backup-verify", "no store waits for a test restore since 45 days, and none failed") }
        let stores = open.prefix(3).map { "\($0.store)\($0.failure.map { " (\($0))" } ?? "")" }
        return .warning(
            "backup-verify",
            "\(open.count) stores whose backups were not restored as a test for 45 days, or could not be: \(stores.joined(separator: ", "))",
            remedy: "docs/runbook.md#storebackupunverified. storectl backups verify BACKUP tries one now."
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
