import CoreMetrics
import Foundation
import Postgres
import StoreDomain

/// What the watcher writes and needs to know.
extension StoreRecords {
    /// Replaces what was seen of these stores before. Throws `LeaseLost` when the term is over: then nothing was written.
    ///
    /// What PostgreSQL refuses of one store costs no other its observation. Of that store is written how it fares and that there is more
    /// which cannot be kept, or nothing where that is refused, too. Returns the refusals.
    @discardableResult
    package func observe(_ observations: [StoreObservation], under term: WatchTerm) async throws -> [RefusedObservation] {
        guard !observations.isEmpty else { return [] }
        do {
            try await write(observations, under: term)
            return []
        } catch let error as PostgresError where error.isRefusalOfValues {
            if observations.count > 1 {
                let middle = observations.count / 2
                return try await observe(Array(observations[..<middle]), under: term)
                    + observe(Array(observations[middle...]), under: term)
            }
            Self.countRefused("observation")
            do { try await write(observations.map(\.withoutDetail), under: term) } catch let error as PostgresError
                where error.isRefusalOfValues
            {}
            return observations.map { RefusedObservation(store: $0.store, error: error) }
        }
    }

    private func write(_ observations: [StoreObservation], under term: WatchTerm) async throws {
        let seen = try SnapshotJSON.parameter(observations.map(ObservationRow.init))
        try await termed(term, "SELECT observe_stores(\(term.holder), \(term.number), \(seen)::jsonb) AS written")
    }

    /// A write that PostgreSQL will not take, whenever it is tried. `what`: observation, note or settlement.
    package static func countRefused(_ what: String) {
        Counter(label: "storeweaver_refused_writes_total", dimensions: [("what", what)]).increment()
    }

    /// Says of every ready store that nobody knows how it fares. Throws `LeaseLost`.
    package func markHealthUnknown(cause: String, under term: WatchTerm) async throws {
        try await termed(term, "SELECT mark_health_unknown(\(term.holder), \(term.number), \(cause)) AS written")
    }

    /// The stores that changed since (`nil`: all that are not deleted), and where to go on from.
    package func watchedStores(since cursor: ChangeCursor?) async throws -> (stores: [WatchedStore], cursor: ChangeCursor) {
        let condition: SQL = cursor.map { "s.changed >= \($0.description)::text::xid8" } ?? "s.deleted_at IS NULL"
        let rows = try await pool.query(
            """
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor, s.id, s.engine, s.namespace, s.status, coalesce(is_to_serve(s), false) AS serves,
                   coalesce(is_to_exist(s), false) AS exists, s.deleted_at IS NOT NULL AS deleted
            FROM (SELECT) one LEFT JOIN stores s ON \(condition)
            """
        )
        guard let first = rows.first else { throw StoreRecordsError(code: .unreadableRow, message: "a query without a row") }
        let stores = try rows.compactMap { row -> WatchedStore? in
            guard let id: StoreID = try row["id"] else { return nil }
            return WatchedStore(
                id: id,
                engine: try row["engine"],
                namespace: try row["namespace"],
                status: try row["status"],
                isToServe: try row["serves"],
                isToExist: try row["exists"],
                isDeleted: try row["deleted"]
            )
        }
        return (stores, try Self.cursor(first))
    }

    static func cursor(_ row: PostgresRow) throws -> ChangeCursor {
        guard let cursor = ChangeCursor(try row["cursor"] as String) else {
            throw StoreRecordsError(code: .unreadableRow, message: "PostgreSQL names no transaction")
        }
        return cursor
    }

    private func termed(_ term: WatchTerm, _ sql: SQL) async throws {
        guard try await pool.query(sql).first?["written"] == true else {
            throw LeaseLost(reason: "the watch's term \(term.number) is over")
        }
    }
}

/// One element of what `observe_stores` takes.
private struct ObservationRow: Encodable {
    let id: String
    let snapshot: NamespaceSnapshot
    let replicas: Int
    let podsRunning: Int
    let podRestarts: Int
    let engineVersion: String?
    let health: String?
    let cause: String?
    let drift: String?

    init(_ observation: StoreObservation) {
        id = observation.store.rawValue
        snapshot = observation.snapshot
        replicas = observation.snapshot.replicas
        podsRunning = observation.snapshot.podsRunning
        podRestarts = observation.snapshot.podRestarts
        engineVersion = observation.snapshot.engineVersion
        health = observation.verdict?.state.rawValue
        cause = observation.verdict?.cause?.plain(atMost: StoreRecords.messageLimit)
        drift = observation.verdict?.drift?.rawValue
    }
}
