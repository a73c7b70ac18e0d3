package import Foundation
import Postgres
import StoreDomain

extension StoreRecords {
    /// Makes the store's next generation and its job: one transaction, with its line in the audit. `action`: the audit's word. `now`: from when on a
    /// new schedule counts.
    package func change(
        _ request: ChangeRequest,
        limits: StoreLimits,
        action: String = "store.change",
        now: Date = Date(),
        by actor: Operator
    ) async throws -> ChangeOutcome {
        let change = request.change
        let schedule = change.schedule?.schedule
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.field, r.used, r.allowed, r.accepted_job, r.accepted_kind, r.accepted_class, \(StoreColumn.columns(of: "(r.store)"))
                FROM change_store(
                    \(request.store.rawValue), \(request.visibleTo?.user.rawValue), \(request.generation), \(change.name?.rawValue),
                    \(change.plan?.rawValue), \(change.version?.rawValue), \(change.database?.mebibytes), \(change.uploads?.mebibytes),
                    \(change.isAsleep), \(change.renewsPassword), \(change.readsFiles), \(limits.unitsPerUser), \(request.role.rawValue),
                    \(actor.name), \(request.traceparent), \(request.jobClass.rawValue),
                    \(change.schedule.map { $0.schedule?.description ?? "" }), \(schedule?.nextChange(after: now))) r
                """,
                by: actor,
                action,
                target: "\(request.store.rawValue)::text",
                detail: change.summary,
                accepted: ["accepted", "unchanged", "scheduled"]
            )
        )
        let outcome: String = try row["outcome"]
        if outcome == "not_found" { return .notFound }
        if outcome == "unit_limit" { return .unitLimitReached(used: try row["used"], limit: try row["allowed"]) }
        let store = try Store(row: row)
        switch outcome {
        case "accepted": return .accepted(store, try changeDescriptor(row, of: store, traceparent: request.traceparent))
        case "unchanged": return .unchanged(store)
        case "scheduled": return .scheduled(store)
        case "stale": return .stale(store)
        case "not_ready": return .notReady(store)
        case "smaller": return .smaller(store, field: try row["field"])
        case "no_version": return .noVersion(store)
        case "blocked": return .blocked(store)
        default: throw StoreRecordsError(code: .unreadableRow, message: "change_store answered \(outcome)")
        }
    }

    /// The job of a row that has `accepted_job`, `accepted_kind` and `accepted_class`.
    func changeDescriptor(_ row: PostgresRow, of store: Store, traceparent: String?) throws -> JobDescriptor {
        var descriptor = try descriptor(row, kind: try row["accepted_kind"], of: store, traceparent: traceparent)
        // An unfinished job that takes the change along keeps its class if that is the more urgent one.
        descriptor.jobClass = try row["accepted_class"]
        return descriptor
    }
}
