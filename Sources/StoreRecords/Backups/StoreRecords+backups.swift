import Postgres
package import StoreDomain

/// Backups as an attempt takes and removes them. Each write is refused once the lease is lost.
extension StoreRecords {
    /// The backup that this attempt takes: a backup job's own, of any other job the one of its kind and generation. What a predecessor began or finished
    /// is gone on with; where it failed, a new one is begun.
    package func beginBackup(_ kind: BackupKind, under claim: Claim) async throws -> Backup {
        let row = try await one(
            """
            SELECT r.held, \(BackupColumns.of("(r.backup)")) FROM begin_backup(
                \(kind.rawValue), \(BackupID.random().rawValue), \(claim.descriptor.id.rawValue), \(claim.descriptor.namespace.rawValue),
                \(claim.fence.number), \(claim.fence.attemptID)) r
            """
        )
        try require(row["held"], claim)
        return try Backup(row: row)
    }

    /// The newest backup of that kind that this attempt's job has taken.
    package func takenBackup(_ kind: BackupKind, under claim: Claim) async throws -> Backup? {
        try await pool.query(
            """
            SELECT \(BackupColumns.of("b")) FROM backups b
            WHERE b.job_id = \(claim.descriptor.id.rawValue) AND b.kind = \(kind.rawValue) AND b.status = 'done' ORDER BY b.created_at DESC LIMIT 1
            """
        ).first.map(Backup.init(row:))
    }

    /// What became of a backup that `beginBackup` gave; said again, it changes nothing.
    package func endBackup(_ id: BackupID, _ result: Result<BackupContents, BackupFailure>, under claim: Claim) async throws {
        var (contents, failure): (BackupContents?, BackupFailure?)
        switch result {
        case .success(let saved): contents = saved
        case .failure(let reason): failure = reason
        }
        let row = try await one(
            """
            SELECT end_backup(
                \(id.rawValue), \(claim.store.id.rawValue), \(claim.descriptor.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID),
                \(contents?.snapshot), \(contents?.files), \(contents?.databaseBytes), \(contents?.fileBytes), \(contents?.addedBytes),
                \(contents?.products), \(contents?.orders), \(contents?.productsAfter), \(contents?.ordersAfter), \(failure?.code.plain(atMost: 100)),
                \(failure?.message.plain(atMost: Self.messageLimit))) AS held
            """
        )
        try require(row["held"], claim)
    }

    /// Forgets those that nobody needs. Returns the backups whose snapshots the repository is to keep.
    package func forgetBackups(_ ids: [BackupID], under claim: Claim) async throws -> [BackupID] {
        let row = try await one(
            """
            SELECT r.held, array_to_string(r.kept, ' ') AS kept FROM forget_backups(
                \(ids.map(\.rawValue)), \(claim.store.id.rawValue), \(claim.descriptor.namespace.rawValue), \(claim.fence.number),
                \(claim.fence.attemptID)) r
            """
        )
        try require(row["held"], claim)
        let kept: String? = try row["kept"]
        return (kept ?? "").split(separator: " ").compactMap { BackupID(String($0)) }
    }

    /// The repository's upkeep has ended: it was checked, and what nobody needs is removed from it; else `damage` says what is wrong with it.
    package func endUpkeep(damage: String?, under claim: Claim) async throws {
        let row = try await one(
            """
            SELECT end_upkeep(
                \(claim.store.id.rawValue), \(claim.descriptor.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID),
                \(damage?.plain(atMost: Self.messageLimit))) AS held
            """
        )
        try require(row["held"], claim)
    }

    /// Whoever has it; `nil` for one that is not kept.
    package func backup(_ id: BackupID) async throws -> Backup? {
        try await pool.query("SELECT \(BackupColumns.of("b")) FROM backups b WHERE b.id = \(id.rawValue)").first.map(Backup.init(row:))
    }

    /// Newest first, also of a store that is deleted.
    package func backups(of store: StoreID) async throws -> [Backup] {
        try await pool.query(
            "SELECT \(BackupColumns.of("b")) FROM backups b WHERE b.store_id = \(store.rawValue) ORDER BY b.created_at DESC, b.id"
        ).map(Backup.init(row:))
    }
}

/// The columns of `backups` that make a `Backup`.
enum BackupColumns {
    private static let names = [
        "id", "store_id", "kind", "status", "created_at", "finished_at", "snapshot", "files", "database_bytes", "file_bytes", "added_bytes",
        "products", "orders", "products_after", "orders_after", "failure_code", "failure", "verified_at", "verify_error", "untested",
        "engine_version", "chart_version", "admin_revision", "host",
    ]

    /// For SELECT lists, under names that no column of `stores` has. `source`: the table's alias or a composite value in parentheses.
    static func of(_ source: StaticString) -> SQL {
        SQL(unsafe: names.map { "\(source).\($0) AS backup_\($0)" }.joined(separator: ", "))
    }
}

extension Backup {
    /// Reads a row that has `BackupColumns`.
    init(row: PostgresRow) throws {
        let (code, snapshot): (String?, String?) = (try row["backup_failure_code"], try row["backup_snapshot"])
        self.init(
            id: try row["backup_id"],
            store: try row["backup_store_id"],
            kind: try row["backup_kind"],
            status: try row["backup_status"],
            createdAt: try row["backup_created_at"],
            finishedAt: try row["backup_finished_at"],
            contents: try snapshot.map { snapshot in
                BackupContents(
                    snapshot: snapshot,
                    files: try row["backup_files"],
                    databaseBytes: try row["backup_database_bytes"],
                    fileBytes: try row["backup_file_bytes"],
                    addedBytes: try row["backup_added_bytes"],
                    products: try row["backup_products"],
                    orders: try row["backup_orders"],
                    productsAfter: try row["backup_products_after"],
                    ordersAfter: try row["backup_orders_after"]
                )
            },
            failure: try code.map { BackupFailure(code: $0, message: try row["backup_failure"]) },
            verifiedAt: try row["backup_verified_at"],
            verifyError: try row["backup_verify_error"],
            untested: try row["backup_untested"],
            engineVersion: try row["backup_engine_version"],
            chartVersion: try row["backup_chart_version"],
            adminRevision: try row["backup_admin_revision"],
            host: try row["backup_host"]
        )
    }
}
