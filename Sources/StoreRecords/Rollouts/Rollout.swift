package import Foundation
import Postgres
package import StoreDomain

/// A rollout as its row has it, with the numbers of its stores.
package struct Rollout: Sendable, Equatable {
    package let id: RolloutID
    /// Without its canaries, which are the members of wave 0.
    package let order: RolloutOrder
    package let state: RolloutState
    package let createdBy: String
    /// Why it was halted last.
    package let haltedReason: String?
    /// It waits for its hours until then.
    package let opensAt: Date?
    package let createdAt: Date
    package let startedAt: Date?
    package let endedAt: Date?
    /// Of each wave that has a store, in their order.
    package var waves: [RolloutNumbers] = []

    /// Of all waves.
    package var numbers: [RolloutMemberState: Int] { waves.reduce(into: [:]) { $0.merge($1.numbers, uniquingKeysWith: +) } }
}

/// How many stores of a wave are in which state.
package struct RolloutNumbers: Sendable, Equatable {
    /// 0: the canaries.
    package let wave: Int
    package var numbers: [RolloutMemberState: Int]

    package var total: Int { numbers.values.reduce(0, +) }
}

/// A store of a rollout.
package struct RolloutMember: Sendable, Equatable {
    package let store: StoreID
    package let name: StoreName
    package let namespace: StoreNamespace
    /// From 1, in the order in which they begin.
    package let place: Int
    package let wave: Int
    package let state: RolloutMemberState
    /// Why it was kept, failed or skipped.
    package let reason: String?
    /// `nil`: it was not known.
    package let fromVersion: ChartVersion?
    package let job: JobID?
    package let beganAt: Date?
    /// When the cluster had the new version.
    package let appliedAt: Date?
    package let endedAt: Date?
}

extension Rollout {
    static let columns: SQL = """
        id, engine, to_version, state, waves::text AS waves, batch, max_failures, soak_seconds, respect_windows, urgent, sleeping, reason, created_by,
        halted_reason, opens_at, created_at, started_at, ended_at
        """

    init(row: PostgresRow) throws {
        let waves: String = try row["waves"]
        id = try row["id"]
        order = RolloutOrder(
            engine: try row["engine"],
            version: try row["to_version"],
            waves: try JSONDecoder().decode(RolloutWaves.self, from: Data(waves.utf8)),
            batch: try row["batch"],
            maxFailures: try row["max_failures"],
            soakSeconds: try row["soak_seconds"],
            respectsWindows: try row["respect_windows"],
            isUrgent: try row["urgent"],
            sleeping: try row["sleeping"],
            reason: try row["reason"]
        )
        state = try row["state"]
        createdBy = try row["created_by"]
        haltedReason = try row["halted_reason"]
        opensAt = try row["opens_at"]
        createdAt = try row["created_at"]
        startedAt = try row["started_at"]
        endedAt = try row["ended_at"]
    }
}

extension RolloutMember {
    init(row: PostgresRow) throws {
        store = try row["id"]
        name = try row["name"]
        namespace = try row["namespace"]
        place = try row["place"]
        wave = try row["wave"]
        state = try row["state"]
        reason = try row["reason"]
        fromVersion = try row.known("from_version")
        job = try row.known("job_id")
        beganAt = try row["began_at"]
        appliedAt = try row["applied_at"]
        endedAt = try row["ended_at"]
    }
}
