import Postgres
package import StoreDomain

/// A store as it is now, for whoever follows changes.
package struct ChangedStore: Sendable {
    package let store: Store
    package let isDeleted: Bool
    /// Those who are members no more, since a short while ago or, to whoever was away, within the last week.
    let formerMembers: Set<UserID>
    let members: Set<UserID>

    /// What it is to whoever follows the stores of `user`; `nil`: everybody's.
    package func standing(for user: UserID?) -> Standing {
        guard let user else { return isDeleted ? .gone : .there }
        if store.owner == user || members.contains(user) { return isDeleted ? .gone : .there }
        return formerMembers.contains(user) ? .gone : .unseen
    }

    package enum Standing: Sendable, Equatable {
        case there
        /// It is deleted, or not theirs to see any more.
        case gone
        case unseen
    }
}

extension StoreRecords {
    /// These stores as they are now, deleted ones too, and the cursor from before they were read.
    package func stores(_ ids: [StoreID]) async throws -> (stores: [ChangedStore], cursor: ChangeCursor) {
        // Long enough for news to come, and not so long that later changes are heard of by those whom they do not concern.
        try await changed("s.id = ANY(\(ids.map(\.rawValue)))", formerFor: .seconds(10))
    }

    /// What changed since, the oldest change first; of the stores that a user has, is a member of, or was a short while ago; `nil`: everybody's. At most
    /// `limit` + 1, so that too many are noticed.
    package func stores(
        changedSince cursor: ChangeCursor,
        visibleTo user: UserID?,
        limit: Int
    ) async throws -> (stores: [ChangedStore], cursor: ChangeCursor) {
        try await changed(
            """
            s.changed >= \(cursor.description)::text::xid8 AND (\(user?.rawValue)::text IS NULL OR s.owner = \(user?.rawValue)
                OR EXISTS (SELECT 1 FROM store_members m WHERE m.store_id = s.id AND m.member = \(user?.rawValue)))
            ORDER BY s.changed LIMIT \(limit + 1)
            """,
            formerFor: .days(8)
        )
    }

    /// Where to go on from by whoever reads everything now.
    package func cursor() async throws -> ChangeCursor {
        let rows = try await pool.query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor")
        guard let row = rows.first else { throw StoreRecordsError(code: .unreadableRow, message: "a query without a row") }
        return try Self.cursor(row)
    }

    private func changed(_ condition: SQL, formerFor: Duration) async throws -> (stores: [ChangedStore], cursor: ChangeCursor) {
        let rows = try await pool.query(
            """
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor, c.*
            FROM (SELECT) one LEFT JOIN (
                SELECT \(StoreColumn.ofS), s.deleted_at IS NOT NULL AS deleted, \(Self.membersOfS("m.removed_at IS NULL")) AS members,
                       \(Self.membersOfS("m.removed_at > clock_timestamp() - seconds(\(formerFor.seconds))")) AS former_members
                FROM stores s WHERE NOT s.verification AND \(condition)) c ON true
            """
        )
        guard let first = rows.first else { throw StoreRecordsError(code: .unreadableRow, message: "a query without a row") }
        let stores = try rows.compactMap { row -> ChangedStore? in
            guard try row["id"] as String? != nil else { return nil }
            return ChangedStore(
                store: try Store(row: row),
                isDeleted: try row["deleted"],
                formerMembers: Self.users(try row["former_members"]),
                members: Self.users(try row["members"])
            )
        }
        return (stores, try Self.cursor(first))
    }

    /// One in a line: no user's id has two.
    private static func membersOfS(_ those: SQL) -> SQL {
        "(SELECT string_agg(m.member, E'\\n') FROM store_members m WHERE m.store_id = s.id AND \(those))"
    }

    private static func users(_ lines: String?) -> Set<UserID> {
        Set((lines ?? "").split(separator: "\n").compactMap { UserID(String($0)) })
    }
}
