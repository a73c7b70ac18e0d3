package import Foundation
import Postgres
package import StoreDomain

package enum BeginVerificationOutcome: Sendable {
    case accepted(Store, JobDescriptor)
    /// Another test is under way.
    case running
    case notDone
    /// There is no such backup of a store that is there.
    case noBackup
}

package enum EndVerificationOutcome: Sendable, Equatable {
    /// The backup can be restored. The job removes the hidden store; it cancels the others.
    case done(BackupID, JobDescriptor, cancelling: [JobID])
    case failed(BackupID, String, JobDescriptor, cancelling: [JobID])
    /// The test could not be made, which says nothing of the backup.
    case untried(BackupID, String, JobDescriptor, cancelling: [JobID])
    /// The hidden store is being made or removed.
    case waits
    /// Its removal had failed and is tried again.
    case removedAgain(JobDescriptor)
    case gone
}

/// Test restores of backups into hidden stores.
extension StoreRecords {
    /// Hidden stores that are there.
    package func verifications() async throws -> [StoreID] {
        try await pool.query("SELECT id FROM stores WHERE verification AND deleted_at IS NULL").compactMap { StoreID(try $0["id"]) }
    }

    /// Notes for each store that has a backup and no time yet when it is tested: at some moment within the period, by the store's id. `nil`: none is.
    package func noteVerifications(every period: Duration?) async throws {
        guard let period else {
            _ = try await pool.query("UPDATE stores SET verify_at = NULL WHERE verify_at IS NOT NULL AND deleted_at IS NULL")
            return
        }
        _ = try await pool.query(
            """
            UPDATE stores s SET verify_at = clock_timestamp() + seconds(\(period.seconds))
                * (('x' || substr(s.id, 5, 8))::bit(32)::bigint / 4294967296.0)
            WHERE s.verify_at IS NULL AND \(BackupCondition.isTested)
            """
        )
    }

    /// The newest backup of the store whose time passed first; none while the queue is paused, when a test would only wait.
    package func dueVerification(at moment: Date) async throws -> BackupID? {
        try await pool.query(
            """
            SELECT (newest_backup(s.id)).id AS backup FROM stores s WHERE s.verify_at <= \(moment) AND \(BackupCondition.isTested)
               AND NOT EXISTS (SELECT 1 FROM queue_control q WHERE q.paused_at IS NOT NULL) ORDER BY s.verify_at LIMIT 1
            """
        ).first?.known("backup")
    }

    /// Makes the hidden store and its job. `next`: when the backup's store is tested again; `nil`: as it was noted. `actor`: who asks for it, with a
    /// line in the audit; `nil`: it is time for it.
    package func beginVerification(of backup: BackupID, next: Date? = nil, by actor: Operator? = nil) async throws
        -> BeginVerificationOutcome
    {
        let id = StoreID.random()
        var statement: SQL = """
            SELECT r.outcome, r.accepted_job, \(StoreColumn.columns(of: "(r.store)"))
            FROM begin_verification(\(backup.rawValue), \(id.rawValue), \("store-test-restore-" + id.rawValue), \(next)) r
            """
        if let actor {
            statement = Self.audited(statement, by: actor, "backups.verify", target: "\(backup.rawValue)::text", accepted: ["accepted"])
        }
        let row = try await one(statement)
        switch try row["outcome"] as String {
        case "accepted":
            let store = try Store(row: row)
            let descriptor = try descriptor(row, kind: .provision, jobClass: .background, of: store, traceparent: nil)
            return .accepted(store, descriptor)
        case "running": return .running
        case "not_done": return .notDone
        case "no_backup": return .noBackup
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "begin_verification answered \(other)")
        }
    }

    /// Notes how a test ended, where it did, and queues the removal of its hidden store: one transaction. `patience`: how long a test may take.
    package func endVerification(_ store: StoreID, patience: Duration) async throws -> EndVerificationOutcome {
        let row = try await one(
            """
            SELECT r.outcome, r.backup, r.reason, r.accepted_job, array_to_string(r.stopped, ',') AS stopped, \(StoreColumn.columns(of: "(r.store)"))
            FROM end_verification(\(store.rawValue), \(patience.seconds)) r
            """
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "waits": return .waits
        case "gone": return .gone
        case "done", "failed", "untried", "removed": break
        default: throw StoreRecordsError(code: .unreadableRow, message: "end_verification answered \(outcome)")
        }
        let descriptor = try descriptor(row, kind: .delete, of: try Store(row: row), traceparent: nil)
        if outcome == "removed" { return .removedAgain(descriptor) }
        let backup: BackupID = try row["backup"]
        let stopped: String? = try row["stopped"]
        let cancelling = (stopped ?? "").split(separator: ",").compactMap { JobID(String($0)) }
        if outcome == "done" { return .done(backup, descriptor, cancelling: cancelling) }
        let reason: String = try row["reason"]
        return outcome == "failed"
            ? .failed(backup, reason, descriptor, cancelling: cancelling) : .untried(backup, reason, descriptor, cancelling: cancelling)
    }

    /// The attempt at a hidden store found that its backup cannot be restored. Of other stores nothing is noted.
    package func noteUnrestorable(_ reason: String, under claim: Claim) async throws {
        try await fenced(
            claim,
            """
            UPDATE stores SET verify_error = CASE WHEN verification THEN \(reason.plain(atMost: Self.messageLimit)) ELSE verify_error END
             WHERE id = \(claim.store.id.rawValue) AND \(held(claim)) RETURNING 1
            """
        )
    }

    /// Stores of which no backup was restored as a test since that moment, or the last test failed; with why it did, or could not be made.
    package func unverified(since moment: Date) async throws -> [(store: StoreID, failure: String?)] {
        try await pool.query(
            """
            SELECT s.id, coalesce(s.verify_error, (newest_backup(s.id)).untested) AS reason FROM stores s
            WHERE s.verify_at IS NOT NULL AND \(BackupCondition.isTested)
              AND (s.verify_error IS NOT NULL OR coalesce(s.verified_at, s.first_ready_at) < \(moment))
            ORDER BY s.verified_at NULLS FIRST, s.id
            """
        ).compactMap { row in
            let id: StoreID? = try row.known("id")
            return try id.map { ($0, try row["reason"]) }
        }
    }
}
