import Postgres
import StoreDomain

extension StoreRecords {
    /// One page by keyset: its cost does not grow with how far the caller has paged.
    package func list(_ query: StoreQuery) async throws -> StorePage {
        try await list(query) { cells, next in StorePage(stores: try cells.map { try Store($0) }, next: next) }
    }

    /// The same for who passes the stores on: `read` gets their rows where they lie in the answer, and where the next page begins. It runs on the thread
    /// of the connection.
    package func list<Page: Sendable>(
        _ query: StoreQuery,
        _ read: @escaping @Sendable (_ stores: [StoreRowView], _ next: StoreCursor?) throws -> Page
    ) async throws -> Page {
        let columns: SQL = query.sort == .name ? "\(StoreColumn.ofS), lower(s.name)" : StoreColumn.ofS
        let filters = Self.filters(query)
        var end = Self.order(query.sort)
        if let limit = query.limit { end += " LIMIT \(limit + 1)" }
        let sql: SQL
        if let user = query.visibleTo {
            // Each half follows an index of its own, and neither goes on for longer than the page.
            sql = """
                SELECT \(columns) FROM (
                    (SELECT s.* FROM stores s WHERE \(filters) AND s.owner = \(user.rawValue)\(end))
                    UNION ALL
                    (SELECT s.* FROM store_members m JOIN stores s ON s.id = m.store_id
                     WHERE \(filters) AND m.member = \(user.rawValue) AND m.removed_at IS NULL\(end))) s\(end)
                """
        } else {
            sql = "SELECT \(columns) FROM stores s WHERE \(filters)\(end)"
        }

        return try await pool.read(sql) { [limit = query.limit, sort = query.sort] result in
            let rows = result.rowCount
            let stores = try (0..<min(limit ?? rows, rows)).map { try StoreRowView(result.cells($0)) }
            guard let last = stores.last, stores.count < rows else { return try read(stores, nil) }
            return try read(stores, try StoreCursor(sort: sort, after: last, key: result.optionalText(stores.count - 1, StoreColumn.count)))
        }
    }

    private static func filters(_ query: StoreQuery) -> SQL {
        var sql: SQL = "s.deleted_at IS NULL AND NOT s.verification"
        if let owner = query.owner { sql += " AND s.owner = \(owner.rawValue)" }
        if !query.statuses.isEmpty { sql += " AND s.status = ANY(\(query.statuses.map(\.rawValue).sorted()))" }
        if !query.engines.isEmpty { sql += " AND s.engine = ANY(\(query.engines.map(\.rawValue).sorted()))" }
        if !query.plans.isEmpty { sql += " AND s.plan = ANY(\(query.plans.map(\.rawValue).sorted()))" }
        if !query.versions.isEmpty { sql += " AND s.version = ANY(\(query.versions.map(\.rawValue).sorted()))" }
        if let isAsleep = query.isAsleep { sql += " AND s.asleep = \(isAsleep)" }
        if let namespace = query.namespace { sql += " AND s.namespace = \(namespace.rawValue)" }
        if let text = query.text {
            let pattern = "%" + Self.escapeLike(text) + "%"
            sql +=
                " AND (s.name ILIKE \(pattern) OR s.namespace ILIKE \(pattern) OR s.engine ILIKE \(pattern) OR s.status ILIKE \(pattern))"
        }
        if let after = query.after { sql += Self.continuation(after) }
        return sql
    }

    private static func order(_ sort: StoreSort) -> SQL {
        switch sort {
        case .newest: " ORDER BY s.created_at DESC, s.id DESC"
        case .oldest: " ORDER BY s.created_at, s.id"
        case .name: " ORDER BY lower(s.name), s.id"
        case .status: " ORDER BY s.status, s.created_at DESC, s.id DESC"
        }
    }

    private static func continuation(_ cursor: StoreCursor) -> SQL {
        let id = cursor.id.rawValue
        let time: SQL = "timestamptz 'epoch' + \(cursor.createdAtMicroseconds)::bigint * interval '1 microsecond'"
        return switch cursor.sort {
        case .newest: " AND (s.created_at, s.id) < (\(time), \(id))"
        case .oldest: " AND (s.created_at, s.id) > (\(time), \(id))"
        case .name: " AND (lower(s.name), s.id) > (\(cursor.key), \(id))"
        case .status: " AND (s.status > \(cursor.key) OR s.status = \(cursor.key) AND (s.created_at, s.id) < (\(time), \(id)))"
        }
    }

    private static func escapeLike(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing("_", with: "\\_")
    }
}

extension StoreCursor {
    /// `key`: the sort's own, where no column of the store is it.
    fileprivate init(sort: StoreSort, after last: StoreRowView, key: String?) throws {
        let store = try Store(last)
        let key =
            switch sort {
            case .newest, .oldest: ""
            case .name: key ?? ""
            case .status: store.status.rawValue
            }
        self.init(sort: sort, key: key, createdAtMicroseconds: Int64(try last.instant(.createdAt) ?? 0), id: store.id)
    }
}
