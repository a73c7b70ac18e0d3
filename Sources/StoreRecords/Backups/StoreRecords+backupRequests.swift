package import Foundation
import Postgres
package import StoreDomain

package enum BackupOutcome: Sendable {
    case accepted(Store, Backup, JobDescriptor)
    /// This one is queued or runs.
    case running(Backup)
    /// As many as may be within 24 hours were asked for.
    case tooMany
    /// There is no data, or none that is whole.
    case notReady(Store)
    case notFound
}

package enum RestoreOutcome: Sendable {
    case accepted(Store, JobDescriptor)
    /// Another job changes the store.
    case busy(Store)
    /// There is nothing to restore into.
    case notReady(Store)
    /// There is no such backup that this store may be filled with.
    case noBackup
    case notDone(Backup)
    /// It was taken of a newer version of the chart than the store's.
    case newerVersion(Backup)
    case notFound
}

/// A store that is deleted and can be brought back.
package struct DeletedStore: Sendable, Equatable {
    package let id: StoreID
    package let name: StoreName
    package let engine: Engine
    package let plan: StorePlan
    package let namespace: StoreNamespace
    package let owner: UserID?
    package let isStaging: Bool
    package let deletedAt: Date
    package let keptUntil: Date
    /// What it is made of: the newest that is done.
    package let backup: Backup
}

package enum DeletedStoreOutcome: Sendable, Equatable {
    case kept(DeletedStore)
    /// Its time has passed.
    case keptNoLonger
    /// It was brought back as this store.
    case broughtBack(StoreID)
    /// Nothing is known or kept of it.
    case notFound
}

/// What people ask for.
extension StoreRecords {
    /// How many backups of a store may be asked for within 24 hours.
    package static let manualBackupsPerDay = 10

    /// Queues a backup, with its line in the audit. `visibleTo` nil: whoever owns the store. `limit`: how many there may be within 24 hours.
    package func requestBackup(
        of store: StoreID,
        visibleTo: StoreAccess?,
        limit: Int = manualBackupsPerDay,
        traceparent: String?,
        by actor: Operator
    ) async throws -> BackupOutcome {
        try await requestBackup(
            Self.audited(
                Self.requestBackup(of: store, visibleTo: visibleTo, limit: limit, traceparent: traceparent),
                by: actor,
                "store.backup",
                target: "\(store.rawValue)::text",
                accepted: ["accepted"]
            ),
            traceparent: traceparent
        )
    }

    /// For what is a part of something else that is written down.
    static func requestBackup(of store: StoreID, visibleTo: StoreAccess?, limit: Int, traceparent: String?) -> SQL {
        """
        SELECT r.outcome, r.accepted_job, \(BackupColumns.of("(r.backup)")), \(StoreColumn.columns(of: "(r.store)"))
        FROM request_backup(\(store.rawValue), \(visibleTo?.user.rawValue), \(BackupID.random().rawValue), \(limit), \(traceparent)) r
        """
    }

    func requestBackup(_ statement: SQL, traceparent: String?) async throws -> BackupOutcome {
        let row = try await one(statement)
        switch try row["outcome"] as String {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try Backup(row: row), try descriptor(row, kind: .backup, of: store, traceparent: traceparent))
        case "running": return .running(try Backup(row: row))
        case "too_many": return .tooMany
        case "not_ready": return .notReady(try Store(row: row))
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "request_backup answered \(other)")
        }
    }

    /// Queues the job that replaces the store's data by the backup's, with its line in the audit.
    package func restore(_ id: StoreID, from backup: BackupID, visibleTo: StoreAccess?, traceparent: String?, by actor: Operator)
        async throws
        -> RestoreOutcome
    {
        // The store's version only grows.
        if let store = try await store(id, visibleTo: visibleTo),
            let backup = try await usableBackup(backup, for: store, visibleTo: visibleTo),
            let taken = backup.chartVersion, let has = store.spec.version, has < taken
        {
            try await audit(actor, "store.restore", target: id.rawValue, detail: "newer_version", outcome: .refused)
            return .newerVersion(backup)
        }
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, \(BackupColumns.of("(r.backup)")), \(StoreColumn.columns(of: "(r.store)"))
                FROM restore_store(\(id.rawValue), \(visibleTo?.user.rawValue), \(backup.rawValue), \(traceparent)) r
                """,
                by: actor,
                "store.restore",
                target: "\(id.rawValue)::text",
                accepted: ["accepted"]
            )
        )
        switch try row["outcome"] as String {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try descriptor(row, kind: .restore, of: store, traceparent: traceparent))
        case "busy": return .busy(try Store(row: row))
        case "not_ready": return .notReady(try Store(row: row))
        case "no_backup": return .noBackup
        case "not_done": return .notDone(try Backup(row: row))
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "restore_store answered \(other)")
        }
    }

    /// The backup, where the store may be filled with it: it is its own, or, where its owner asks, of another of theirs with the same engine, also a
    /// deleted one.
    package func usableBackup(_ id: BackupID, for store: Store, visibleTo: StoreAccess?) async throws -> Backup? {
        guard let (backup, of) = try await backupAndStore(id),
            backup.store == store.id
                || of.owner == store.owner && of.engine == store.engine && (visibleTo.map { $0.user == of.owner } ?? true)
        else { return nil }
        return backup
    }

    /// A backup with the store that it is of, as that is now or was when it was deleted. `nil` also once what was kept of a deleted store is to go.
    package func backupAndStore(_ id: BackupID) async throws -> (backup: Backup, store: Store)? {
        try await pool.query(
            """
            SELECT \(BackupColumns.of("b")), \(StoreColumn.ofS) FROM backups b JOIN stores s ON s.id = b.store_id
            WHERE b.id = \(id.rawValue) AND (s.deleted_at IS NULL OR s.kept_until > clock_timestamp())
            """
        ).first.map { (try Backup(row: $0), try Store(row: $0)) }
    }

    /// Deleted stores that can be brought back and were not, the last deleted first. `owner` nil: everybody's.
    package func deletedStores(of owner: UserID?, limit: Int = 1_000) async throws -> [DeletedStore] {
        try await pool.query(
            """
            \(Self.deleted) WHERE s.kept_until > clock_timestamp() AND (\(owner?.rawValue)::text IS NULL OR s.owner = \(owner?.rawValue))
              AND \(Self.broughtBack) IS NULL
            ORDER BY s.deleted_at DESC LIMIT \(limit)
            """
        ).compactMap(DeletedStore.init(row:))
    }

    /// What is left of a deleted store.
    package func deletedStore(_ id: StoreID, visibleTo: StoreAccess?) async throws -> DeletedStoreOutcome {
        let rows = try await pool.query(
            """
            SELECT s.kept_until > clock_timestamp() AS kept, \(Self.broughtBack) AS back
            FROM stores s WHERE s.id = \(id.rawValue) AND s.deleted_at IS NOT NULL
             AND (\(visibleTo?.user.rawValue)::text IS NULL OR s.owner = \(visibleTo?.user.rawValue))
            """
        )
        guard let row = rows.first else { return .notFound }
        if let back: String = try row["back"], let store = StoreID(back) { return .broughtBack(store) }
        guard let isKept: Bool = try row["kept"] else { return .notFound }
        guard isKept,
            let found = try await pool.query("\(Self.deleted) WHERE s.id = \(id.rawValue)").first.flatMap(DeletedStore.init(row:))
        else { return .keptNoLonger }
        return .kept(found)
    }

    /// As which store a deleted one lives again.
    private static let broughtBack: SQL = """
        (SELECT n.id FROM stores n WHERE n.undeletes = s.id AND n.deleted_at IS NULL)
        """

    private static let deleted: SQL = """
        SELECT s.deleted_at, s.kept_until, \(BackupColumns.of("b")), \(StoreColumn.ofS) FROM stores s
        JOIN LATERAL newest_backup(s.id) b ON b.id IS NOT NULL
        """
}

extension DeletedStore {
    /// `nil` where nothing is kept.
    fileprivate init?(row: PostgresRow) throws {
        guard let deletedAt: Date = try row["deleted_at"], let keptUntil: Date = try row["kept_until"] else { return nil }
        let store = try Store(row: row)
        self.init(
            id: store.id,
            name: store.name,
            engine: store.engine,
            plan: store.spec.plan,
            namespace: store.namespace,
            owner: store.owner,
            isStaging: store.spec.isStaging,
            deletedAt: deletedAt,
            keptUntil: keptUntil,
            backup: try Backup(row: row)
        )
    }
}

extension Store {
    /// Why no backup can be taken of it now where the outcome is `notReady`.
    package var backupRefusal: String {
        switch status {
        case .deleting: "The store is being deleted"
        case _ where readyAt == nil: "The store was never ready: there is nothing to save yet"
        case .ready: "The store's namespace was removed outside Store Weaver: there is nothing to save"
        case .provisioning, .failed: "A restore of the store did not come to its end: restore it first"
        }
    }

    /// Why nothing can be restored into it now where the outcome is `notReady`.
    package var restoreRefusal: String {
        switch status {
        case .deleting: "The store is being deleted"
        case _ where readyAt == nil: "The store was never ready: create a new one from the backup"
        case .provisioning: "The store is being made: restore it once that is done"
        case .ready, .failed: "The store's deletion failed: retry that, then bring the store back"
        }
    }
}
