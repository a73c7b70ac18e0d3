import Postgres
package import StoreDomain

/// A store as it is now, for whoever follows changes.
package struct ChangedStore: Sendable {
    package let store: Store
    package let isDeleted: Bool
}

extension StoreRecords {
    /// The channel on which triggers tell of changes: `s:ID` the store's row, `d:ID` its detail, `l:ID` its build log.
    package static let changesChannel = "store_changes"

    /// These stores as they are now, deleted ones too, and the cursor from before they were read.
    package func stores(_ ids: [StoreID]) async throws -> (stores: [ChangedStore], cursor: ChangeCursor) {
        try await changed("s.id = ANY(\(ids.map(\.rawValue)))")
    }

    /// What changed since, the oldest change first; `nil` for the owner: everybody's. At most `limit` + 1, so that too many are noticed.
    package func stores(
        changedSince cursor: ChangeCursor,
        of owner: UserID?,
        limit: Int
    ) async throws -> (stores: [ChangedStore], cursor: ChangeCursor) {
        try await changed(
            """
            s.changed >= \(cursor.description)::text::xid8 AND (\(owner?.rawValue)::text IS NULL OR s.owner = \(owner?.rawValue))
            ORDER BY s.changed LIMIT \(limit + 1)
            """
        )
    }

    /// Where to go on from by whoever reads everything now.
    package func cursor() async throws -> ChangeCursor {
        let rows = try await pool.query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor")
        guard let row = rows.first else { throw StoreRecordsError(code: .unreadableRow, message: "a query without a row") }
        return try Self.cursor(row)
    }

    private func changed(_ condition: SQL) async throws -> (stores: [ChangedStore], cursor: ChangeCursor) {
        let rows = try await pool.query(
            """
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor, c.*
            FROM (SELECT) one LEFT JOIN (
                SELECT \(StoreColumn.ofS), s.deleted_at IS NOT NULL AS deleted FROM stores s WHERE NOT s.verification AND \(condition)) c ON true
            """
        )
        guard let first = rows.first else { throw StoreRecordsError(code: .unreadableRow, message: "a query without a row") }
        let stores = try rows.compactMap { row -> ChangedStore? in
            guard try row["id"] as String? != nil else { return nil }
            return ChangedStore(store: try Store(row: row), isDeleted: try row["deleted"])
        }
        return (stores, try Self.cursor(first))
    }
}
