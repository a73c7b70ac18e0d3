package import Foundation
import Postgres
package import StoreDomain

/// What all that runs in a namespace uses at one moment.
package struct NamespaceUse: Sendable, Equatable {
    package let namespace: String
    /// Thousandths of a processor.
    package var cpuMillis: Int
    package var memoryBytes: Int

    package init(namespace: String, cpuMillis: Int, memoryBytes: Int) {
        self.namespace = namespace
        self.cpuMillis = cpuMillis
        self.memoryBytes = memoryBytes
    }
}

/// How a store answered in one hour.
package struct HourOfResponses: Sendable, Equatable {
    package let store: StoreID
    package let medianMillis: Int
    /// Of how many answers.
    package let count: Int

    package init(store: StoreID, medianMillis: Int, count: Int) {
        self.store = store
        self.medianMillis = medianMillis
        self.count = count
    }
}

/// What a store used and how it answered.
package struct StoreUse: Sendable, Equatable {
    /// One day in UTC; lists of 24, of which an hour in which nobody looked is null.
    package struct Day: Sendable, Equatable {
        /// E.g. `2026-01-31`.
        package let day: String
        /// JSON, as the lists below.
        package let cpuMillis: String
        package let memoryBytes: String
        package let responseMillis: String
    }

    /// Whether the cluster measures what pods use; `nil`: no worker has looked yet.
    package let isMeasured: Bool?
    /// Oldest first.
    package let days: [Day]
}

extension StoreRecords {
    /// One look at all namespaces; those of no store do not matter. `nil`: the cluster does not measure.
    package func noteUse(_ uses: [NamespaceUse]?) async throws {
        _ = try await pool.query(
            """
            INSERT INTO cluster_metrics (are_there) VALUES (\(uses != nil))
            ON CONFLICT (is_the_one) DO UPDATE SET are_there = excluded.are_there, seen_at = clock_timestamp()
            """
        )
        for piece in (uses ?? []).inPieces {
            _ = try await pool.query(
                """
                SELECT note_store_use(\(piece.map(\.namespace))::text[], \(piece.map { Int64($0.cpuMillis) })::bigint[],
                    \(piece.map { Int64($0.memoryBytes) })::bigint[])
                """
            )
        }
    }

    /// `moment`: any of the hour.
    package func note(_ responses: [HourOfResponses], at moment: Date) async throws {
        for piece in responses.inPieces {
            _ = try await pool.query(
                """
                SELECT note_responses(\(moment), \(piece.map(\.store.rawValue))::text[],
                    \(piece.map { Int64($0.medianMillis) })::bigint[], \(piece.map { Int64($0.count) })::bigint[])
                """
            )
        }
    }

    /// Of the last days, today included; `nil` for a store that the caller may not see.
    package func use(of id: StoreID, days: Int, visibleTo: StoreAccess?) async throws -> StoreUse? {
        guard try await sees(id, visibleTo) else { return nil }
        let measured: Bool? = try await pool.query("SELECT are_there FROM cluster_metrics").first.map { try $0["are_there"] }
        let rows = try await pool.query(
            """
            SELECT to_char(day, 'YYYY-MM-DD') AS day,
                   array_to_json(ARRAY(SELECT round(cpu_millis[h])::integer FROM generate_series(1, 24) h))::text AS cpu,
                   array_to_json(ARRAY(SELECT memory_bytes[h] FROM generate_series(1, 24) h))::text AS memory,
                   array_to_json(ARRAY(SELECT response_millis[h] FROM generate_series(1, 24) h))::text AS responses
              FROM store_days WHERE store_id = \(id.rawValue) AND day > (clock_timestamp() AT TIME ZONE 'UTC')::date - \(days)::integer
             ORDER BY store_days.day
            """
        )
        return StoreUse(
            isMeasured: measured,
            days: try rows.map {
                StoreUse.Day(
                    day: try $0["day"],
                    cpuMillis: try $0["cpu"],
                    memoryBytes: try $0["memory"],
                    responseMillis: try $0["responses"]
                )
            }
        )
    }
}

extension Array {
    /// What is written at a time: a store's row is locked for as long, and a person's change of the store waits for it.
    fileprivate var inPieces: [ArraySlice<Element>] {
        stride(from: 0, to: count, by: 500).map { self[$0..<Swift.min($0 + 500, count)] }
    }
}
