package import Foundation
import Postgres
package import StoreDomain

/// A store whose schedule has something to do.
package struct DueStore: Sendable, Equatable {
    package let id: StoreID
    /// `nil`: the text is no schedule, e.g. of a zone that this program does not know.
    package let schedule: AwakeSchedule?
    /// Since when.
    package let due: Date
}

package enum ScheduleOutcome: Sendable {
    case accepted(JobDescriptor)
    /// It is as it should be, or cannot be changed now; it waits for the next time.
    case left
    /// To wake it is more than is left of its owner's units, which the store now says.
    case unitLimitReached
    /// It is not due any more: the schedule is another one, or another worker was at it.
    case superseded
}

extension StoreRecords {
    private static let schedule = Operator(name: "schedule", source: .worker)

    /// Those that have waited longest first.
    package func dueStores(at moment: Date, limit: Int) async throws -> [DueStore] {
        try await pool.query(
            """
            SELECT id, awake_schedule, schedule_next_at FROM stores
            WHERE schedule_next_at <= \(moment) AND deleted_at IS NULL ORDER BY schedule_next_at LIMIT \(limit)
            """
        ).map { row in
            DueStore(id: try row["id"], schedule: try row.known("awake_schedule"), due: try row["schedule_next_at"])
        }
    }

    /// Asks for what the schedule says of `now`, however many changes were missed, and notes the next one: one transaction.
    /// `unitsPerUser`: as of `StoreLimits`. The audit has what was asked for or refused.
    package func follow(_ schedule: AwakeSchedule, of store: DueStore, now: Date, unitsPerUser: Int) async throws -> ScheduleOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.accepted_job, r.accepted_kind, r.accepted_class, \(StoreColumn.columns(of: "(r.store)"))
                FROM follow_schedule(
                    \(store.id.rawValue), \(store.due), \(schedule.nextChange(after: now)), \(!schedule.isAwake(at: now)), \(unitsPerUser),
                    \(Self.schedule.name), \(JobClass.background.rawValue)) r
                """,
                by: Self.schedule,
                "store.schedule",
                target: "\(store.id.rawValue)::text",
                accepted: ["accepted"],
                unnoted: ["unchanged", "not_ready", "stale"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted": return .accepted(try changeDescriptor(row, of: try Store(row: row), traceparent: nil))
        case "unchanged", "not_ready": return .left
        case "unit_limit": return .unitLimitReached
        case "stale": return .superseded
        default: throw StoreRecordsError(code: .unreadableRow, message: "follow_schedule answered \(outcome)")
        }
    }
}
