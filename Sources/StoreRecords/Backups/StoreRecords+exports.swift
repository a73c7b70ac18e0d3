package import Foundation
import Postgres
package import StoreDomain

package enum ExportOutcome: Sendable {
    case accepted(Store, Export, JobDescriptor)
    /// A backup or an export of the store is queued or runs.
    case running
    /// As many as may be within 24 hours were asked for.
    case tooMany
    /// There is nothing to export, or nowhere to do it.
    case notReady(Store)
    case noBackup
    /// The backup is not.
    case notDone
    case notFound
}

package enum ExportLink: Sendable {
    case open(Export, Store)
    /// It was used, or its time is over.
    case gone
    case notFound
}

/// Backups as files, which their owners fetch by links.
extension StoreRecords {
    /// How many exports of a store may be asked for within 24 hours.
    package static let exportsPerDay = 10

    /// Queues an export, with its line in the audit. `backup` nil: of the newest that is done, or of one that is taken first.
    package func requestExport(
        of store: StoreID,
        backup: BackupID?,
        visibleTo: StoreAccess?,
        traceparent: String?,
        by actor: Operator
    ) async throws -> ExportOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, \(ExportColumns.of("(r.export)")), \(StoreColumn.columns(of: "(r.store)"))
                FROM request_export(\(store.rawValue), \(visibleTo?.user.rawValue), \(backup?.rawValue), \(ArchiveID.random().rawValue),
                    \(BackupID.random().rawValue), \(Self.exportsPerDay), \(traceparent)) r
                """,
                by: actor,
                "store.export",
                target: "\(store.rawValue)::text",
                accepted: ["accepted"]
            )
        )
        switch try row["outcome"] as String {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try Export(row: row), try descriptor(row, kind: .backup, of: store, traceparent: traceparent))
        case "running": return .running
        case "too_many": return .tooMany
        case "not_ready": return .notReady(try Store(row: row))
        case "no_backup": return .noBackup
        case "not_done": return .notDone
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "request_export answered \(other)")
        }
    }

    /// Newest first.
    package func exports(of store: StoreID) async throws -> [Export] {
        try await pool.query(
            "SELECT \(ExportColumns.of("e")) FROM exports e WHERE e.store_id = \(store.rawValue) ORDER BY e.created_at DESC, e.id"
        ).map(Export.init(row:))
    }

    package func export(_ id: ArchiveID, of store: StoreID) async throws -> Export? {
        try await pool.query(
            "SELECT \(ExportColumns.of("e")) FROM exports e WHERE e.id = \(id.rawValue) AND e.store_id = \(store.rawValue)"
        ).first.map(Export.init(row:))
    }

    /// What became of the export of an attempt; said again, it changes nothing.
    package func endExport(_ id: ArchiveID, _ result: Result<ArchiveContents, BackupFailure>, under claim: Claim) async throws {
        var (contents, failure): (ArchiveContents?, BackupFailure?)
        switch result {
        case .success(let made): contents = made
        case .failure(let reason): failure = reason
        }
        let row = try await one(
            """
            SELECT end_export(
                \(id.rawValue), \(claim.store.id.rawValue), \(claim.descriptor.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID),
                \(contents?.bytes), \(contents?.sha256), \(failure?.code.plain(atMost: 100)),
                \(failure?.message.plain(atMost: Self.messageLimit))) AS held
            """
        )
        try require(row["held"], claim)
    }

    /// Makes a link to an export that is done, under the hash of its token. False: it is not done, or its time is over.
    package func makeLink(to export: ArchiveID, hash: String, visibleTo: StoreAccess?, by actor: Operator) async throws -> Bool {
        try await one(
            "SELECT make_export_link(\(export.rawValue), \(visibleTo?.user.rawValue), \(hash), \(actor.name)) AS made"
        )["made"]
    }

    /// Uses the link; its first use is written into the audit. `looks`: it is asked for and not used.
    package func useLink(_ hash: String, looks: Bool, address: String?) async throws -> ExportLink {
        let row = try await one(
            """
            SELECT r.outcome, \(ExportColumns.of("(r.export)")), \(StoreColumn.columns(of: "(r.store)"))
            FROM use_export_link(\(hash), \(looks), \(address)) r
            """
        )
        switch try row["outcome"] as String {
        case "open": return .open(try Export(row: row), try Store(row: row))
        case "gone": return .gone
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "use_export_link answered \(other)")
        }
    }

    /// A part of the export was fetched by the link. What was fetched whole ends the link.
    package func noteFetched(_ hash: String, _ part: Range<Int64>) async throws {
        _ = try await pool.query("SELECT note_fetched(\(hash), \(part.lowerBound), \(part.upperBound))")
    }

    /// Archives in the vault that are not to be kept any longer: their time is over, or their store's backups go.
    package func expiredArchives(at moment: Date, limit: Int) async throws -> [ArchiveID] {
        try await pool.query("\(Self.expired(at: "\(moment)::timestamptz")) LIMIT \(limit)").map { try $0["id"] }
    }

    /// Whether that is so by PostgreSQL's clock. What is over stays over: it makes no store, and gets no link.
    package func isExpired(_ id: ArchiveID) async throws -> Bool {
        try await one("SELECT \(id.rawValue) IN (\(Self.expired(at: "clock_timestamp()"))) AS expired")["expired"]
    }

    /// After it has gone from the vault. One that is not over stays.
    package func forgetArchive(_ id: ArchiveID) async throws {
        _ = try await pool.query(
            """
            WITH gone AS (SELECT g.id FROM (\(Self.expired(at: "clock_timestamp()"))) g WHERE g.id = \(id.rawValue)),
                 e AS (DELETE FROM exports WHERE id IN (SELECT gone.id FROM gone))
            DELETE FROM imports WHERE id IN (SELECT gone.id FROM gone)
            """
        )
    }

    /// An export that somebody is just fetching is kept, and an import of which a store is just made.
    private static func expired(at moment: SQL) -> SQL {
        """
        SELECT e.id FROM exports e JOIN stores s ON s.id = e.store_id
         WHERE e.status <> 'running'
           AND ((s.deleted_at IS NOT NULL AND s.kept_until IS NULL)
                OR (e.expires_at <= \(moment)
                    AND NOT EXISTS (SELECT 1 FROM export_links l WHERE l.export_id = e.id AND l.ended_at IS NULL
                                       AND l.used_at > clock_timestamp() - interval '1 hour')))
        UNION ALL
        SELECT i.id FROM imports i
         WHERE i.expires_at <= \(moment)
           AND NOT EXISTS (SELECT 1 FROM stores n WHERE n.imported_from = i.id AND n.first_ready_at IS NULL AND n.deleted_at IS NULL)
        """
    }
}

/// The columns of `exports` that make an `Export`.
enum ExportColumns {
    private static let names = [
        "id", "store_id", "backup_id", "status", "created_at", "finished_at", "expires_at", "bytes", "sha256", "failure_code", "failure",
    ]

    /// As `BackupColumns.of`.
    static func of(_ source: StaticString) -> SQL {
        SQL(unsafe: names.map { "\(source).\($0) AS export_\($0)" }.joined(separator: ", "))
    }
}

extension Export {
    /// Reads a row that has `ExportColumns`.
    init(row: PostgresRow) throws {
        let id: ArchiveID = try row["export_id"]
        let (bytes, code): (Int64?, String?) = (try row["export_bytes"], try row["export_failure_code"])
        self.init(
            id: id,
            store: try row["export_store_id"],
            backup: try row["export_backup_id"],
            status: try row["export_status"],
            createdAt: try row["export_created_at"],
            finishedAt: try row["export_finished_at"],
            expiresAt: try row["export_expires_at"],
            contents: try bytes.map { bytes in
                guard let contents = ArchiveContents(bytes: bytes, sha256: try row["export_sha256"]) else {
                    throw StoreRecordsError(code: .unreadableRow, message: "export \(id) has an unreadable sha256")
                }
                return contents
            },
            failure: try code.map { BackupFailure(code: $0, message: try row["export_failure"]) }
        )
    }
}
