package import Foundation
import Postgres
package import StoreDomain

/// Of a store `s`, or of the installation.
enum BackupCondition {
    /// It is ready and there. One that sleeps was changed since its last backup: by what put it to sleep, or after that.
    static let isWanted: SQL = """
        s.deleted_at IS NULL AND s.status = 'ready' AND s.drift IS DISTINCT FROM 'namespace'
        AND (NOT s.asleep OR s.last_backup_at IS NULL OR EXISTS (
            SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.kind <> 'backup' AND j.finished_at > s.last_backup_at))
        """

    /// Since when it has none that is newer.
    static let since: SQL = "coalesce(s.last_backup_at, s.first_ready_at, s.created_at)"

    /// A worker that reported within the last half minute can take and restore backups.
    static let hasKeepers: SQL = """
        EXISTS (SELECT 1 FROM worker_reports r WHERE r.keeps_backups AND r.reported_at > clock_timestamp() - interval '30 seconds')
        """

    /// Backups are kept here, or were: when no worker takes them any more, they grow old.
    static let areKept: SQL = "(\(hasKeepers) OR EXISTS (SELECT 1 FROM backups b WHERE b.status = 'done'))"
}

/// A store whose newest backup is older than it should be.
package struct StaleBackup: Sendable, Equatable {
    package let store: StoreID
    /// When that was taken; where there is none, when the store was first ready.
    package let since: Date
}

/// How backups stand, for operators.
extension StoreRecords {
    /// Whether a worker that reported within the last half minute can take and restore backups.
    /// `span`: in which a worker has to have said so. A deletion looks back further: a worker that is just being restarted comes back.
    package func keepsBackups(within span: Duration = .seconds(30)) async throws -> Bool {
        try await one(
            """
            SELECT EXISTS (SELECT 1 FROM worker_reports r
                            WHERE r.keeps_backups AND r.reported_at > clock_timestamp() - \(Int(span.components.seconds)) * interval '1 second') AS keeps
            """
        )["keeps"]
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
        ).map { row in
            guard let id = StoreID(try row["id"]) else {
                throw StoreRecordsError(code: .unreadableRow, message: "a store has an unreadable id")
            }
            return StaleBackup(store: id, since: try row["since"])
        }
    }
}
