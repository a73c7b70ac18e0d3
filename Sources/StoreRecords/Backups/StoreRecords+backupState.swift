package import Foundation
import Postgres
package import StoreDomain

/// Of a store `s`, or of the installation.
enum BackupCondition {
    /// It is ready and there. One that sleeps was changed since its last backup: by what put it to sleep, or after that.
    static let isWanted: SQL = """
        s.deleted_at IS NULL AND NOT s.verification AND s.status = 'ready' AND s.drift IS DISTINCT FROM 'namespace'
        AND (NOT s.asleep OR s.last_backup_at IS NULL OR EXISTS (
            SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.kind <> 'backup' AND j.finished_at > s.last_backup_at))
        """

    /// It has a backup that can be tested.
    static let isTested: SQL = """
        s.deleted_at IS NULL AND NOT s.verification AND s.status = 'ready'
        AND EXISTS (SELECT 1 FROM backups b WHERE b.store_id = s.id AND b.status = 'done')
        """

    /// Since when it has none that is newer.
    static let since: SQL = "coalesce(s.last_backup_at, s.first_ready_at, s.created_at)"

    /// A worker that reported within that span can take and restore backups.
    static func hasKeepers(within span: Duration = .seconds(30)) -> SQL {
        """
        EXISTS (SELECT 1 FROM worker_reports r
                 WHERE r.keeps_backups AND r.reported_at > clock_timestamp() - \(Int(span.components.seconds)) * interval '1 second')
        """
    }

    /// Backups are kept here, or were: when no worker takes them any more, they grow old.
    static let areKept: SQL = "(\(hasKeepers()) OR EXISTS (SELECT 1 FROM backups b WHERE b.status = 'done'))"
}

/// A store whose newest backup is older than it should be.
package struct StaleBackup: Sendable, Equatable {
    package let store: StoreID
    /// When that was taken; where there is none, when the store was first ready.
    package let since: Date
}

/// How a store's backups stand.
package struct BackupStanding: Sendable {
    /// Whether a worker takes and restores backups now.
    package let isKept: Bool
    /// `nil`: the repository was not checked yet.
    package let check: RepositoryCheck?
    /// When the store is to be backed up by night the next time; `nil` where it is not, or no time was chosen yet.
    package let next: Date?
    /// What its repository holds, in bytes; before the vault was asked for the first time, what its backups said that they added.
    package let used: Int64
}

/// What the last check of a store's repository found.
package struct RepositoryCheck: Sendable, Equatable {
    package let store: StoreID
    package let at: Date
    /// `nil`: nothing is wrong.
    package let damage: String?
}

/// How backups stand, for operators.
extension StoreRecords {
    /// Whether a worker that reported within that span can take and restore backups. A deletion looks back further than others: a worker
    /// that is just being restarted comes back.
    package func keepsBackups(within span: Duration = .seconds(30)) async throws -> Bool {
        try await one("SELECT \(BackupCondition.hasKeepers(within: span)) AS keeps")["keeps"]
    }

    /// How the store's backups stand; `nil`: there is no such store.
    package func backupStanding(of store: StoreID) async throws -> BackupStanding? {
        try await pool.query(
            """
            SELECT k.keeps, s.id, s.checked_at, s.check_failure, CASE WHEN k.keeps AND \(BackupCondition.isWanted) THEN s.next_backup_at END AS next,
                   kept_bytes(s) AS used
            FROM stores s, (SELECT \(BackupCondition.hasKeepers()) AS keeps) k WHERE s.id = \(store.rawValue)
            """
        ).first.map { row in
            let checkedAt: Date? = try row["checked_at"]
            return BackupStanding(
                isKept: try row["keeps"],
                check: try checkedAt.map { _ in try RepositoryCheck(row: row) },
                next: try row["next"],
                used: try row["used"]
            )
        }
    }

    /// Whether there is a backup of any store, also of one that is deleted.
    package func hasBackups() async throws -> Bool {
        try await one("SELECT EXISTS (SELECT 1 FROM backups WHERE status = 'done') AS has")["has"]
    }

    /// Stores that are to be backed up by night and were not since that moment, the oldest first. None where no backups are kept.
    package func staleBackups(before moment: Date) async throws -> [StaleBackup] {
        try await pool.query(
            """
            SELECT s.id, \(BackupCondition.since) AS since FROM stores s
             WHERE \(BackupCondition.isWanted) AND \(BackupCondition.since) < \(moment) AND \(BackupCondition.areKept) ORDER BY since, s.id
            """
        ).map { StaleBackup(store: try $0["id"], since: try $0["since"]) }
    }

    /// `nil` before the store's repository was checked for the first time.
    package func repositoryCheck(of store: StoreID) async throws -> RepositoryCheck? {
        try await pool.query("\(Self.checks) AND s.id = \(store.rawValue)").first.map(RepositoryCheck.init(row:))
    }

    /// Repositories of living stores that the last check found damaged, the first that was found first.
    package func damagedRepositories() async throws -> [RepositoryCheck] {
        try await pool.query("\(Self.checks) AND s.check_failure IS NOT NULL AND s.deleted_at IS NULL ORDER BY s.checked_at, s.id")
            .map(RepositoryCheck.init(row:))
    }

    private static let checks: SQL = "SELECT s.id, s.checked_at, s.check_failure FROM stores s WHERE s.checked_at IS NOT NULL"
}

extension RepositoryCheck {
    fileprivate init(row: PostgresRow) throws {
        self.init(store: try row["id"], at: try row["checked_at"], damage: try row["check_failure"])
    }
}
