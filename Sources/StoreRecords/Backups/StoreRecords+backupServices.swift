package import Foundation
import Postgres
package import StoreDomain

/// A store whose nightly backup is due.
package struct DueBackup: Sendable, Equatable {
    package let store: StoreID
    package let owner: UserID?
    /// Since when.
    package let due: Date
    /// As it is noted with the store; `nil`: none was.
    package let noted: Date?
}

package enum QueueBackupOutcome: Sendable {
    case accepted(JobDescriptor)
    /// It is not due any more, or something else is to be done with the store first: it stays due.
    case left
}

/// What one worker at a time does for all: nightly backups, and what is kept of deleted stores.
extension StoreRecords {
    /// Stores that are to be backed up by night, with nothing to be done with them, whose time has passed; those without a time first.
    package func dueBackups(at moment: Date, limit: Int) async throws -> [DueBackup] {
        try await pool.query(
            """
            SELECT s.id, s.owner, s.next_backup_at, coalesce(s.next_backup_at, s.first_ready_at, s.created_at) AS due FROM stores s
            WHERE \(BackupCondition.isWanted) AND (s.next_backup_at IS NULL OR s.next_backup_at <= \(moment))
              AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running'))
            ORDER BY s.next_backup_at NULLS FIRST, s.id LIMIT \(limit)
            """
        ).map { row in
            DueBackup(
                store: try row["id"],
                owner: try row.known("owner"),
                due: try row["due"],
                noted: try row["next_backup_at"]
            )
        }
    }

    /// Queues the nightly backup and notes when the next one is due: one transaction.
    package func queueBackup(of due: DueBackup, next: Date) async throws -> QueueBackupOutcome {
        let row = try await one(
            """
            SELECT r.outcome, r.accepted_job, \(StoreColumn.columns(of: "(r.store)"))
            FROM queue_nightly(\(due.store.rawValue), \(BackupID.random().rawValue), \(due.noted), \(next)) r
            """
        )
        guard try row["outcome"] == "accepted" else { return .left }
        let descriptor = try descriptor(row, kind: .backup, jobClass: .background, of: try Store(row: row), traceparent: nil)
        return .accepted(descriptor)
    }

    /// Notes when the store's first backup of the night is due. False: somebody did.
    package func note(_ due: DueBackup, next: Date) async throws -> Bool {
        try await !pool.query(
            """
            UPDATE stores SET next_backup_at = \(next)
            WHERE id = \(due.store.rawValue) AND next_backup_at IS NULL AND deleted_at IS NULL RETURNING 1
            """
        ).isEmpty
    }

    /// When the store's repository was last checked, and rid of what nobody needs.
    package func prunedAt(_ store: StoreID) async throws -> Date? {
        try await pool.query("SELECT pruned_at FROM stores WHERE id = \(store.rawValue)").first.flatMap { try $0["pruned_at"] }
    }

    /// Stores whose repositories have changed since the vault was asked how large they are, those first that it was asked for longest ago; and
    /// PostgreSQL's time of this answer.
    package func repositoriesToMeasure(limit: Int) async throws -> [(store: StoreID, asOf: Date)] {
        try await pool.query(
            """
            SELECT s.id, clock_timestamp() AS now FROM stores s JOIN backup_keys k ON k.store_id = s.id
             WHERE s.repository_measured_at IS NULL OR s.repository_measured_at < greatest(
                   s.pruned_at, s.checked_at, (SELECT max(b.finished_at) FROM backups b WHERE b.store_id = s.id))
             ORDER BY s.repository_measured_at NULLS FIRST, s.id LIMIT \(limit)
            """
        ).map { (try $0["id"], try $0["now"]) }
    }

    /// Notes how large a store's repository was at that time.
    package func note(repositoryOf store: StoreID, bytes: Int64, asOf moment: Date) async throws {
        _ = try await pool.query("SELECT note_repository(\(store.rawValue), \(bytes), \(moment))")
    }

    /// Deleted stores of which something is left that is not to be kept any longer; not those that a store is just being made of.
    package func storesToPurge(at moment: Date, limit: Int) async throws -> [StoreID] {
        try await pool.query("\(Self.toPurge) AND coalesce(s.kept_until, s.deleted_at) <= \(moment) ORDER BY s.deleted_at LIMIT \(limit)")
            .map { try $0["id"] }
    }

    /// The same of one store, now and by PostgreSQL's clock: what is removed then cannot be had again.
    package func isToPurge(_ store: StoreID) async throws -> Bool {
        try await !pool.query(
            "\(Self.toPurge) AND s.id = \(store.rawValue) AND coalesce(s.kept_until, s.deleted_at) <= clock_timestamp()"
        ).isEmpty
    }

    private static let toPurge: SQL = """
        SELECT s.id FROM stores s
        WHERE s.deleted_at IS NOT NULL
          AND (EXISTS (SELECT 1 FROM backups b WHERE b.store_id = s.id) OR EXISTS (SELECT 1 FROM backup_keys k WHERE k.store_id = s.id))
          AND NOT EXISTS (
              SELECT 1 FROM backups b JOIN stores n ON n.restored_from = b.id
               WHERE b.store_id = s.id AND n.first_ready_at IS NULL AND n.deleted_at IS NULL)
          AND NOT EXISTS (
              SELECT 1 FROM backups b JOIN jobs j ON j.backup_id = b.id AND j.state IN ('queued', 'running') WHERE b.store_id = s.id)
        """

    /// Forgets the backups of a deleted store and the key to them, after its repository is gone. False: they are to be kept.
    package func purge(_ store: StoreID) async throws -> Bool {
        try await one("SELECT purge_backups(\(store.rawValue)) AS purged")["purged"]
    }
}
