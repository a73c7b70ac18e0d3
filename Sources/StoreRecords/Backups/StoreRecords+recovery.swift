import Postgres
package import StoreDomain

package enum RecoverOutcome: Sendable {
    case accepted(Store, Backup, JobDescriptor)
    /// A restore is queued or runs already.
    case restoring
    /// Another job runs.
    case busy
    /// It was never ready: there is nothing to bring back, and its own job makes it.
    case new
    /// Its deletion is queued or failed.
    case deleting
    case noBackup
    case notFound
}

/// A store that is to be there, with what could be brought back of it.
package struct RecoverableStore: Sendable, Equatable {
    package let store: Store
    /// It was ready once, and something may have been sold.
    package let everReady: Bool
    /// The newest that is done.
    package let backup: Backup?
}

/// Bringing back stores whose namespaces were lost.
extension StoreRecords {
    /// Every store that is not deleted, by its namespace.
    package func recoverableStores() async throws -> [RecoverableStore] {
        try await pool.query(
            """
            SELECT \(StoreColumn.ofS), s.first_ready_at IS NOT NULL AS ever_ready, b.id IS NOT NULL AS has_backup, \(BackupColumns.of("b"))
            FROM stores s LEFT JOIN LATERAL newest_backup(s.id) b ON true
            WHERE s.deleted_at IS NULL AND NOT s.verification ORDER BY s.namespace
            """
        ).map { row in
            RecoverableStore(
                store: try Store(row: row),
                everReady: try row["ever_ready"],
                backup: try row["has_backup"] ? try Backup(row: row) : nil
            )
        }
    }

    /// Queues the restore of a store whose namespace is known to be gone, as a background job, with its line in the audit.
    package func recover(_ id: StoreID, by actor: Operator) async throws -> RecoverOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, \(BackupColumns.of("(r.backup)")), \(StoreColumn.columns(of: "(r.store)"))
                FROM recover_store(\(id.rawValue)) r
                """,
                by: actor,
                "store.recover",
                target: "\(id.rawValue)::text",
                accepted: ["accepted"]
            )
        )
        switch try row["outcome"] as String {
        case "accepted":
            let store = try Store(row: row)
            let descriptor = try descriptor(row, kind: .restore, jobClass: .background, of: store, traceparent: nil)
            return .accepted(store, try Backup(row: row), descriptor)
        case "restoring": return .restoring
        case "busy": return .busy
        case "new": return .new
        case "deleting", "not_ready": return .deleting
        case "no_backup": return .noBackup
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "recover_store answered \(other)")
        }
    }
}
