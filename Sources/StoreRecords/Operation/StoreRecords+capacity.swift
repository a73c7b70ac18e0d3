package import Foundation
import Postgres
package import StoreDomain

/// What was seen of the cluster's nodes, and when.
package struct SeenCapacity: Sendable, Equatable {
    package var capacity: ClusterCapacity
    package var at: Date
    /// For new stores of each engine and plan, as far as the workers' charts tell what these reserve.
    package var room: [Room]

    package struct Room: Sendable, Equatable {
        package var engine: Engine
        package var plan: StorePlan
        package var stores: Int
    }
}

extension StoreRecords {
    /// In the place of what was seen before.
    package func note(_ capacity: ClusterCapacity) async throws {
        let seen = String(decoding: try JSONEncoder().encode(capacity), as: UTF8.self)
        _ = try await pool.query(
            """
            INSERT INTO cluster_capacity (seen) VALUES (\(seen)::jsonb)
            ON CONFLICT (is_the_one) DO UPDATE SET seen = excluded.seen, seen_at = clock_timestamp()
            """
        )
    }

    /// `nil`: no worker has looked yet, or may.
    package func capacity() async throws -> SeenCapacity? {
        guard let row = try await pool.query("SELECT seen::text AS seen, seen_at FROM cluster_capacity").first else { return nil }
        let seen: String = try row["seen"]
        let capacity = try JSONDecoder().decode(ClusterCapacity.self, from: Data(seen.utf8))
        let room = try await charts().forNewStores.flatMap { chart in
            StorePlan.allCases.compactMap { plan in
                chart.plans[plan]?.reserves.map { SeenCapacity.Room(engine: chart.engine, plan: plan, stores: capacity.room(for: $0)) }
            }
        }
        return SeenCapacity(capacity: capacity, at: try row["seen_at"], room: room)
    }
}
