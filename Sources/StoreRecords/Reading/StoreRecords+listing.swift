import Postgres
import StoreDomain

extension StoreRecords {
    /// One page by keyset: its cost does not grow with how far the caller has paged.
    package func list(_ query: StoreQuery) async throws -> StorePage {
        var sql: SQL = """
            SELECT \(storeColumnsOfS), (extract(epoch FROM s.created_at) * 1000000)::bigint AS created_us, lower(s.name) AS name_key
            FROM stores s WHERE s.deleted_at IS NULL
            """
        if let owner = query.owner { sql += " AND s.owner = \(owner.rawValue)" }
        if !query.statuses.isEmpty { sql += " AND s.status = ANY(\(query.statuses.map(\.rawValue).sorted()))" }
        if !query.engines.isEmpty { sql += " AND s.engine = ANY(\(query.engines.map(\.rawValue).sorted()))" }
        if let text = query.text {
            let pattern = "%" + Self.escapeLike(text) + "%"
            sql +=
                " AND (s.name ILIKE \(pattern) OR s.namespace ILIKE \(pattern) OR s.engine ILIKE \(pattern) OR s.status ILIKE \(pattern))"
        }
        if let after = query.after { sql += Self.continuation(after) }
        sql += Self.order(query.sort)
        if let limit = query.limit { sql += " LIMIT \(limit + 1)" }

        return try await pool.read(sql) { [limit = query.limit, sort = query.sort] cells in
            let count = min(limit ?? cells.rowCount, cells.rowCount)
            var page = StorePage(stores: [], next: nil)
            page.stores.reserveCapacity(count)
            for row in 0..<count { page.stores.append(try Store(cells, row: row)) }
            if let limit, cells.rowCount > limit, let last = page.stores.last {
                let key =
                    switch sort {
                    case .newest, .oldest: ""
                    case .name: try cells.text(limit - 1, storeColumnCount + 1)
                    case .status: last.status.rawValue
                    }
                let microseconds = Int64(try cells.integer(limit - 1, storeColumnCount))
                page.next = StoreCursor(sort: sort, key: key, createdAtMicroseconds: microseconds, id: last.id)
            }
            return page
        }
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
