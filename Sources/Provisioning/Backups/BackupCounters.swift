import CoreMetrics
import StoreDomain

/// Counts backups and restores where they end.
enum BackupCounters {
    /// The codes that a failure of ours or of the keeper has. A label takes no others: a code is somebody else's text.
    private static let codes: Set = [
        "vault-away", "vault-refused", "vault-full", "wrong-key", "no-repository", "no-snapshot", "dump-failed", "load-failed",
        "files-failed", "check-failed", "task-failed", "export-failed", "no-exports", "bad-archive", "no-archive", "not-begun",
        "no-database",
        "no-backups",
    ]

    /// `failure` nil: it is kept.
    static func backupEnded(_ kind: BackupKind, _ failure: BackupFailure? = nil) {
        Counter(label: "storeweaver_backups_total", dimensions: [("kind", kind.rawValue), ("outcome", outcome(failure))]).increment()
    }

    /// `failure` nil: it is loaded.
    static func restoreEnded(_ failure: BackupFailure? = nil) {
        Counter(label: "storeweaver_restores_total", dimensions: [("outcome", outcome(failure))]).increment()
    }

    /// `failure` nil: it is whole, and pruned.
    static func upkeepEnded(_ failure: BackupFailure? = nil) {
        Counter(label: "storeweaver_repository_checks_total", dimensions: [("outcome", outcome(failure))]).increment()
    }

    /// `failure` nil: it is in the vault.
    static func exportEnded(_ failure: BackupFailure? = nil) {
        Counter(label: "storeweaver_exports_total", dimensions: [("outcome", outcome(failure))]).increment()
    }

    private static func outcome(_ failure: BackupFailure?) -> String {
        guard let failure else { return "done" }
        return codes.contains(failure.code) ? failure.code : "other"
    }
}
