import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// `$1`: the store, `$2`: whose it has to be; NULL for whoever owns it.
    private static let isVisible = "s.id = $1 AND s.deleted_at IS NULL AND ($2::text IS NULL OR s.owner = $2)"

    private static let storeByID = ReadStatement("SELECT \(StoreColumn.listOfS) FROM stores s WHERE \(isVisible)")

    private static let stateByID = ReadStatement("SELECT s.status, s.url, s.error_message FROM stores s WHERE \(isVisible)")

    /// What stands beside the store comes as records from subqueries: what is not there costs a look into an index each, where joins are set up for
    /// every call.
    private static let detailByID = ReadStatement(
        """
        SELECT \(StoreColumn.listOfS),
               (SELECT n.body::text FROM store_snapshots n WHERE n.store_id = s.id),
               (SELECT row(r.manifest, r.secrets::text) FROM store_releases r WHERE r.store_id = s.id),
               (SELECT row(j.id, j.kind, j.state, j.attempt, j.error) FROM jobs j WHERE j.store_id = s.id ORDER BY j.id DESC LIMIT 1),
               ARRAY(SELECT row(e.at, e.kind, e.message) FROM store_events e
                      WHERE e.store_id = s.id AND e.source = 'worker' ORDER BY e.id DESC LIMIT 100)
        FROM stores s WHERE \(isVisible)
        """
    )

    /// `nil` for a store that is not there, is deleted, or is somebody else's. `visibleTo` nil: whoever owns it.
    package func store(_ id: StoreID, visibleTo: UserID?) async throws -> Store? {
        try await pool.read(Self.storeByID, [id.rawValue, visibleTo?.rawValue]) {
            $0.rowCount == 0 ? nil : try Store(StoreCells($0.cells(0)))
        }
    }

    /// The same, no more of it than who waits for it wants to know.
    package func state(of id: StoreID, visibleTo: UserID?) async throws -> StoreState? {
        try await pool.read(Self.stateByID, [id.rawValue, visibleTo?.rawValue]) { cells in
            guard cells.rowCount > 0 else { return nil }
            guard let status = cells.cells(0)[0].word(as: StoreStatus.self) else {
                throw StoreRecordsError(code: .unreadableRow, message: "store \(id) has an unreadable status")
            }
            return StoreState(id: id, status: status, url: cells.optionalText(0, 1), errorMessage: cells.optionalText(0, 2))
        }
    }

    /// The store, its snapshot, its release, its newest job and its last 100 events in one round trip; of a queued job also why it waits.
    package func detail(_ id: StoreID, visibleTo: UserID?) async throws -> StoreDetail? {
        let found: DetailCells? = try await pool.read(Self.detailByID, [id.rawValue, visibleTo?.rawValue]) {
            $0.rowCount == 0 ? nil : try DetailCells($0.cells(0))
        }
        guard let found else { return nil }
        var job = found.job
        if job?.state == .queued, let number = job?.id { job?.waiting = try await waitingReason(of: number) }
        return StoreDetail(
            store: found.store,
            snapshot: try found.snapshot.map { try SnapshotJSON.value($0) },
            release: try found.secrets.map { ReleaseRecord(manifest: found.manifest, secrets: try SnapshotJSON.value($0)) },
            events: found.events,
            job: job
        )
    }

    /// Deletes go before provisions, and users take turns; a queue longer than 5,000 is not counted to its end.
    private func waitingReason(of job: JobID) async throws -> WaitingReason? {
        let rows = try await pool.query(
            """
            WITH mine AS (SELECT * FROM jobs WHERE id = \(job.rawValue) AND state = 'queued'),
            line AS (
                SELECT q.id, q.kind = 'delete' AS urgent, row_number() OVER (PARTITION BY q.kind = 'delete', q.owner ORDER BY q.id) AS turn
                FROM (SELECT * FROM jobs WHERE state = 'queued' AND run_after <= clock_timestamp() ORDER BY id LIMIT 5000) q)
            SELECT (SELECT reason FROM queue_control WHERE paused_at IS NOT NULL) AS paused, m.run_after > clock_timestamp() AS later, m.run_after,
                   EXISTS (SELECT 1 FROM namespace_leases l WHERE l.namespace = m.namespace AND l.expires_at > clock_timestamp()) AS busy,
                   EXISTS (SELECT 1 FROM worker_reports WHERE reported_at > clock_timestamp() - interval '30 seconds') AS workers,
                   (SELECT count(*) FROM line o, line i WHERE i.id = m.id AND o.id <> i.id
                       AND ((o.urgent AND NOT i.urgent) OR (o.urgent = i.urgent AND (o.turn, o.id) < (i.turn, i.id)))) AS ahead
            FROM mine m
            """
        )
        guard let row = rows.first else { return nil }
        if let reason: String = try row["paused"] { return .paused(reason: reason) }
        if try row["later"] { return .retryAt(try row["run_after"]) }
        if try row["busy"] { return .namespaceBusy }
        guard try row["workers"] else { return .noWorker }
        let ahead: Int = try row["ahead"]
        return ahead > 0 ? .queue(ahead: ahead) : .slot
    }

    /// How many stores there are and may be; with the same quota that a create is held to.
    package func usage(of user: UserID?, role: Role, limits: StoreLimits) async throws -> StoreUsage {
        try await pool.read(
            """
            SELECT coalesce((SELECT used FROM store_usage WHERE scope = 'total'), 0),
                   coalesce((SELECT used FROM store_usage WHERE scope = 'user:' || \(user?.rawValue)), 0),
                   store_quota(\(user?.rawValue), \(role.rawValue), \(limits.perUser))
            """
        ) { StoreUsage(user: try $0.integer(0, 1), total: try $0.integer(0, 0), userLimit: try $0.integer(0, 2)) }
    }

    /// `nil` when no worker reported within the last 30 seconds.
    package func platformHealth() async throws -> PlatformHealth? {
        let rows = try await pool.query(
            """
            SELECT count(*) AS workers, bool_or(kubernetes) AS kubernetes, bool_or(helm) AS helm
            FROM worker_reports WHERE reported_at > clock_timestamp() - interval '30 seconds'
            """,
            deadline: .seconds(2)
        )
        guard let row = rows.first, let kubernetes: Bool = try row["kubernetes"], let helm: Bool = try row["helm"] else { return nil }
        return PlatformHealth(kubernetes: kubernetes, helm: helm, workers: try row["workers"])
    }
}

/// A detail as it was read: its JSON is parsed by who asked, not on the connection's thread.
private struct DetailCells: Sendable {
    let store: Store
    let snapshot: String?
    let manifest: String?
    let secrets: String?
    let job: JobSummary?
    /// Oldest first.
    let events: [StoreEvent]

    init(_ cells: PostgresCells) throws {
        store = try Store(StoreCells(cells))
        let next = StoreColumn.count
        snapshot = cells[next].text
        let release = try cells[next + 1].record
        manifest = release.first?.text
        secrets = release.last?.text
        job = try JobSummary(cells[next + 2].record)
        events = try cells[next + 3].array.reversed().map { try StoreEvent($0.record) }
    }
}

extension JobSummary {
    /// Of id, kind, state, attempt and error; `nil` where there is none of them.
    fileprivate init?(_ record: [PostgresCell]) throws {
        guard record.count == 5 else { return nil }
        let number = try record[0].integer
        guard let id = JobID(Int64(number)), let kind = record[1].word(as: JobKind.self), let state = record[2].word(as: JobState.self)
        else {
            throw StoreRecordsError(code: .unreadableRow, message: "job \(number) is unreadable")
        }
        self.init(id: id, kind: kind, state: state, attempt: try record[3].integer, error: record[4].text)
    }
}

extension StoreEvent {
    /// Of at, kind and message.
    fileprivate init(_ record: [PostgresCell]) throws {
        guard record.count == 3, let kind = record[1].word(as: Kind.self) else {
            throw StoreRecordsError(code: .unreadableRow, message: "an event is unreadable")
        }
        self.init(timestamp: try record[0].requiredDate, message: try record[2].requiredText, kind: kind)
    }
}
