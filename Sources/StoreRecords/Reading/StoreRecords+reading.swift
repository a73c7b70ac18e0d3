import Postgres
package import StoreDomain

extension StoreRecords {
    /// `$1`: the store, `$2`: who asks, and `$3`: what they have to be of it; both NULL for whoever asks.
    private static let isVisible =
        "s.id = $1 AND s.deleted_at IS NULL AND NOT s.verification AND ($2::text IS NULL OR s.owner = $2 OR is_member(s.id, $2, $3))"

    private static let storeByID = ReadStatement("SELECT \(StoreColumn.listOfS) FROM stores s WHERE \(isVisible)")

    private static let stateByID = ReadStatement("SELECT s.status, s.url, s.error_message FROM stores s WHERE \(isVisible)")

    private static let detailByID = ReadStatement(
        """
        SELECT \(StoreColumn.listOfS), \(StoreDetail.columns) FROM stores s
        LEFT JOIN store_snapshots n ON n.store_id = s.id
        LEFT JOIN store_releases r ON r.store_id = s.id
        WHERE \(isVisible)
        """
    )

    /// `nil` for a store that is not there, is deleted, or is not open to who asks. `visibleTo` nil: whoever asks.
    package func store(_ id: StoreID, visibleTo: StoreAccess?) async throws -> Store? {
        try await pool.read(Self.storeByID, Self.asked(id, visibleTo)) {
            $0.rowCount == 0 ? nil : try Store(StoreRowView($0.cells(0)))
        }
    }

    /// The same, no more of it than who waits for it wants to know.
    package func state(of id: StoreID, visibleTo: StoreAccess?) async throws -> StoreState? {
        try await pool.read(Self.stateByID, Self.asked(id, visibleTo)) { cells in
            guard cells.rowCount > 0 else { return nil }
            guard let status = cells.cells(0)[0].word(as: StoreStatus.self) else {
                throw StoreRecordsError(code: .unreadableRow, message: "store \(id) has an unreadable status")
            }
            return StoreState(id: id, status: status, url: cells.optionalText(0, 1), errorMessage: cells.optionalText(0, 2))
        }
    }

    /// The store, its snapshot, its release, its newest job and its last 100 events in one round trip; of a queued job also why it waits.
    package func detail(_ id: StoreID, visibleTo: StoreAccess?) async throws -> StoreDetail? {
        let found = try await pool.read(Self.detailByID, Self.asked(id, visibleTo)) {
            $0.rowCount == 0 ? nil : try StoreDetail($0.cells(0))
        }
        guard var found else { return nil }
        if found.job?.state == .queued, let job = found.job?.id { found.job?.waiting = try await waitingReason(of: job) }
        return found
    }

    private static func asked(_ id: StoreID, _ visibleTo: StoreAccess?) -> [String?] {
        [id.rawValue, visibleTo?.user.rawValue, visibleTo?.least.rawValue]
    }

    private func waitingReason(of job: JobID) async throws -> WaitingReason? {
        let rows = try await pool.query(
            """
            WITH mine AS (SELECT * FROM jobs WHERE id = \(job.rawValue) AND state = 'queued'), line AS (\(WaitingReason.line))
            SELECT \(WaitingReason.columns(of: "m")), m.run_after,
                   (SELECT count(*) FROM line o, line i WHERE i.id = m.id AND (o.class, o.turn, o.id) < (i.class, i.turn, i.id)) AS ahead,
                   (SELECT count(*) FROM jobs j WHERE j.finished_at > clock_timestamp() - interval '1 hour' AND j.class <= m.class
                       AND j.started_at IS NOT NULL) AS ended
            FROM mine m
            """
        )
        return try rows.first.map { try WaitingReason(row: $0, endedInTheLastHour: try $0["ended"]) }
    }

    /// How many stores and units there are and may be; with the same quotas that a create is held to.
    package func usage(of user: UserID?, role: Role, limits: StoreLimits) async throws -> StoreUsage {
        try await pool.read(
            """
            SELECT coalesce((SELECT used FROM store_usage WHERE scope = 'total'), 0),
                   coalesce((SELECT used FROM store_usage WHERE scope = 'user:' || \(user?.rawValue)), 0),
                   store_quota(\(user?.rawValue), \(role.rawValue), \(limits.perUser)),
                   coalesce((SELECT (weight + 1) / 2 FROM store_usage WHERE scope = 'user:' || \(user?.rawValue)), 0),
                   unit_quota(\(user?.rawValue), \(role.rawValue), \(limits.unitsPerUser))
            """
        ) {
            StoreUsage(
                user: try $0.integer(0, 1),
                total: try $0.integer(0, 0),
                userLimit: try $0.integer(0, 2),
                units: try $0.integer(0, 3),
                unitLimit: try $0.integer(0, 4)
            )
        }
    }

    /// `nil` when no worker reported within the last 30 seconds.
    package func platformHealth() async throws -> PlatformHealth? {
        let rows = try await pool.query(
            """
            SELECT count(*) AS workers, bool_or(kubernetes) AS kubernetes, bool_or(helm) AS helm
            FROM worker_reports r WHERE is_alive(r)
            """,
            deadline: .seconds(2)
        )
        guard let row = rows.first, let kubernetes: Bool = try row["kubernetes"], let helm: Bool = try row["helm"] else { return nil }
        return PlatformHealth(kubernetes: kubernetes, helm: helm, workers: try row["workers"])
    }
}
