package import Foundation
import Postgres
package import StoreDomain

package enum BeginMemberOutcome: Sendable {
    case accepted(Store, JobDescriptor)
    /// It says why.
    case skipped
    /// No store may begin now.
    case none
}

/// What the conductor does. Nothing of it is lost or done twice, whoever else does it at the same time.
extension StoreRecords {
    /// Rollouts that are not over, and those of which a store still runs or is watched.
    package func rolloutsToAdvance() async throws -> [RolloutID] {
        try await pool.query(
            """
            SELECT id FROM rollouts r WHERE ended_at IS NULL
                OR EXISTS (SELECT 1 FROM rollout_stores m WHERE m.rollout_id = r.id AND m.state IN ('waiting', 'running', 'soaking'))
             ORDER BY created_at
            """
        ).compactMap { try $0.known("id") }
    }

    /// Notes what became of the rollout's stores. `opensAt`: when the installation's hours begin; `nil`: they are now, or there are none. The rollout
    /// where its state is another one now.
    package func advance(_ id: RolloutID, opensAt: Date?) async throws -> Rollout? {
        let row = try await one("SELECT coalesce(changed, false) AS changed FROM advance_rollout(\(id.rawValue), \(opensAt))")
        return try row["changed"] ? try await rollout(id) : nil
    }

    /// Begins, or skips, the rollout's next store, with its line in the audit where it begins.
    package func beginMember(of id: RolloutID) async throws -> BeginMemberOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, r.accepted_kind, r.accepted_class, \(StoreColumn.columns(of: "(r.store)"))
                FROM begin_rollout_store(\(id.rawValue)) r
                """,
                by: Operator(name: "rollout \(id)", source: .worker),
                "store.upgrade",
                target: "r.id",
                accepted: ["accepted"],
                unnoted: ["skipped", "none"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted":
            let store = try Store(row: row)
            return .accepted(store, try changeDescriptor(row, of: store, traceparent: nil))
        case "skipped": return .skipped
        case "none": return .none
        default: throw StoreRecordsError(code: .unreadableRow, message: "begin_rollout_store answered \(outcome)")
        }
    }
}
