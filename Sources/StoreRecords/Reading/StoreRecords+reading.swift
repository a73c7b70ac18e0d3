import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// `nil` for a store that is not there, is deleted, or is somebody else's. `visibleTo` nil: whoever owns it.
    package func store(_ id: StoreID, visibleTo: UserID?) async throws -> Store? {
        try await pool.query(
            """
            SELECT \(storeColumns(of: "s")) FROM stores s
            WHERE s.id = \(id.rawValue) AND s.deleted_at IS NULL AND (\(visibleTo?.rawValue)::text IS NULL OR s.owner = \(visibleTo?.rawValue))
            """
        ).first.map { try Store(row: $0) }
    }

    /// The store, its snapshot, its newest job and its last 100 events in one round trip.
    package func detail(_ id: StoreID, visibleTo: UserID?) async throws -> StoreDetail? {
        let rows = try await pool.query(
            """
            SELECT \(storeColumns(of: "s")), n.body::text AS snapshot,
                   j.id AS job, j.kind AS job_kind, j.state AS job_state, j.attempt AS job_attempt, j.error AS job_error,
                   (SELECT json_agg(json_build_object('at', extract(epoch FROM e.at), 'kind', e.kind, 'message', e.message) ORDER BY e.id)
                      FROM (SELECT * FROM store_events WHERE store_id = s.id ORDER BY id DESC LIMIT 100) e)::text AS events
            FROM stores s
            LEFT JOIN store_snapshots n ON n.store_id = s.id
            LEFT JOIN LATERAL (SELECT * FROM jobs WHERE store_id = s.id ORDER BY id DESC LIMIT 1) j ON true
            WHERE s.id = \(id.rawValue) AND s.deleted_at IS NULL AND (\(visibleTo?.rawValue)::text IS NULL OR s.owner = \(visibleTo?.rawValue))
            """
        )
        guard let row = rows.first else { return nil }
        let snapshot: String? = try row["snapshot"]
        let events: String? = try row["events"]
        return StoreDetail(
            store: try Store(row: row),
            snapshot: try snapshot.map(NamespaceSnapshot.init(json:)),
            events: try events.map(EventRow.decode) ?? [],
            job: try job(row)
        )
    }

    package func usage(of user: UserID?) async throws -> StoreUsage {
        let scope = user.map { "user:" + $0.rawValue }
        let rows = try await pool.query("SELECT scope, used FROM store_usage WHERE scope = 'total' OR scope = \(scope)")
        var usage = StoreUsage(user: 0, total: 0)
        for row in rows {
            let name: String = try row["scope"]
            if name == "total" { usage.total = try row["used"] } else { usage.user = try row["used"] }
        }
        return usage
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

    private func job(_ row: PostgresRow) throws -> JobSummary? {
        guard let number: Int64 = try row["job"] else { return nil }
        guard
            let id = JobID(number), let kind = JobKind(rawValue: try row["job_kind"]), let state = JobState(rawValue: try row["job_state"])
        else { throw StoreRecordsError(code: .unreadableRow, message: "job \(number) is unreadable") }
        return JobSummary(id: id, kind: kind, state: state, attempt: try row["job_attempt"], error: try row["job_error"])
    }
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
