import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// `nil` for a store that is not there, is deleted, or is somebody else's. `visibleTo` nil: whoever owns it.
    package func store(_ id: StoreID, visibleTo: UserID?) async throws -> Store? {
        try await pool.read(
            """
            SELECT \(storeColumnsOfS) FROM stores s
            WHERE s.id = \(id.rawValue) AND s.deleted_at IS NULL AND (\(visibleTo?.rawValue)::text IS NULL OR s.owner = \(visibleTo?.rawValue))
            """
        ) { $0.rowCount == 0 ? nil : try Store($0, row: 0) }
    }

    /// The store, its snapshot, its release, its newest job and its last 100 events in one round trip; of a queued job also why it waits.
    package func detail(_ id: StoreID, visibleTo: UserID?) async throws -> StoreDetail? {
        let found: DetailCells? = try await pool.read(
            """
            SELECT \(storeColumnsOfS), n.body::text, r.manifest, r.secrets::text, j.id, j.kind, j.state, j.attempt, j.error,
                   (SELECT json_agg(json_build_object('at', extract(epoch FROM e.at), 'kind', e.kind, 'message', e.message) ORDER BY e.id)
                      FROM (SELECT * FROM store_events WHERE store_id = s.id AND source = 'worker' ORDER BY id DESC LIMIT 100) e)::text
            FROM stores s
            LEFT JOIN store_snapshots n ON n.store_id = s.id
            LEFT JOIN store_releases r ON r.store_id = s.id
            LEFT JOIN LATERAL (SELECT * FROM jobs WHERE store_id = s.id ORDER BY id DESC LIMIT 1) j ON true
            WHERE s.id = \(id.rawValue) AND s.deleted_at IS NULL AND (\(visibleTo?.rawValue)::text IS NULL OR s.owner = \(visibleTo?.rawValue))
            """
        ) { cells in
            guard cells.rowCount > 0 else { return nil }
            let next = storeColumnCount
            return DetailCells(
                store: try Store(cells, row: 0),
                snapshot: cells.optionalText(0, next),
                manifest: cells.optionalText(0, next + 1),
                secrets: cells.optionalText(0, next + 2),
                events: cells.optionalText(0, next + 8),
                job: try Self.job(cells, from: next + 3)
            )
        }
        guard let found else { return nil }
        var job = found.job
        if job?.state == .queued, let number = job?.id { job?.waiting = try await waitingReason(of: number) }
        return StoreDetail(
            store: found.store,
            snapshot: try found.snapshot.map { try SnapshotJSON.value($0) },
            release: try found.secrets.map { ReleaseRecord(manifest: found.manifest, secrets: try SnapshotJSON.value($0)) },
            events: try found.events.map(EventRow.decode) ?? [],
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

    /// Of the columns id, kind, state, attempt and error.
    private static func job(_ cells: borrowing PostgresResult, from first: Int) throws -> JobSummary? {
        guard !cells.isNull(0, first) else { return nil }
        let number = try cells.integer(0, first)
        guard let id = JobID(Int64(number)), let kind = JobKind(rawValue: try cells.text(0, first + 1)),
            let state = JobState(rawValue: try cells.text(0, first + 2))
        else { throw StoreRecordsError(code: .unreadableRow, message: "job \(number) is unreadable") }
        let attempt = try cells.integer(0, first + 3)
        return JobSummary(id: id, kind: kind, state: state, attempt: attempt, error: cells.optionalText(0, first + 4))
    }
}

/// A detail as it was read: its JSON is parsed by who asked, not on the connection's thread.
private struct DetailCells: Sendable {
    let store: Store
    let snapshot: String?
    let manifest: String?
    let secrets: String?
    let events: String?
    let job: JobSummary?
}

/// One row of `store_events`, as the detail query aggregates it.
private struct EventRow: Decodable {
    var at: Double
    var kind: StoreEvent.Kind
    var message: String

    static func decode(_ json: String) throws -> [StoreEvent] {
        try JSONDecoder().decode([EventRow].self, from: Data(json.utf8))
            .map { StoreEvent(timestamp: Date(timeIntervalSince1970: $0.at), message: $0.message, kind: $0.kind) }
    }
}
