import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// Takes the job's namespace for a new attempt, if PostgreSQL lets it.
    package func claim(_ job: JobID, worker: String, times: LeaseTimes) async throws -> ClaimOutcome {
        let attemptID = UUID().uuidString.replacing("-", with: "").lowercased()
        let answer = try await pool.query(
            """
            SELECT outcome, retry_after, granted, taken_over
            FROM claim_job(\(job.rawValue), \(worker), \(attemptID), \(times.lease.seconds))
            """
        )
        guard let row = answer.first else { return .over }
        let outcome: String = try row["outcome"]
        switch outcome {
        case "held": return .held(retryAfter: .seconds(try row["retry_after"] as Double))
        case "not_yet": return .notYet(.seconds(try row["retry_after"] as Double))
        case "over": return .over
        case "claimed":
            let fence = Fence(number: try row["granted"], attemptID: attemptID)
            return .claimed(try await claimed(job, fence: fence, takenOver: try row["taken_over"]))
        default: throw StoreRecordsError(code: .unreadableRow, message: "claim_job answered \(outcome)")
        }
    }

    /// Holds the lease for another `lease`, counted by PostgreSQL's clock; `lost` is final.
    package func renew(_ claim: Claim, lease: Duration, deadline: Duration = .seconds(3)) async throws -> Renewal {
        let rows = try await pool.query(
            """
            SELECT renew_lease(\(claim.ticket.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID),
                               \(claim.ticket.id.rawValue), \(lease.seconds)) AS cancel
            """,
            deadline: deadline
        )
        guard let cancel: Bool = try rows.first?["cancel"] else { return .lost }
        return .held(cancelRequested: cancel)
    }

    /// Ends the attempt and gives the namespace back. The ticket, when the job is to be enqueued again.
    ///
    /// Throws `LeaseLost` when the attempt no longer holds the namespace: then nothing was written.
    package func settle(_ claim: Claim, as settlement: Settlement, deadline: Duration = .seconds(5)) async throws -> JobTicket? {
        let end = SettlementColumns(settlement)
        let moved = settlement.isRelocation ? StoreNamespace.suffixed(for: claim.store.name, id: claim.store.id) : nil
        let rows = try await pool.query(
            """
            SELECT result FROM settle_job(
                \(claim.ticket.id.rawValue), \(claim.ticket.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID),
                \(end.outcome), \(end.url), \(end.engineVersion), \(end.message), \(end.permanent), \(end.delay), \(moved?.rawValue))
            """,
            deadline: deadline
        )
        let result: String? = try rows.first?["result"]
        switch result {
        case "refused": throw LeaseLost(reason: "PostgreSQL refused to settle job \(claim.ticket.id) under fence \(claim.fence)")
        case "queued": return try await queuedTicket(claim.ticket.id)
        default: return nil
        }
    }

    private func claimed(_ job: JobID, fence: Fence, takenOver: Bool) async throws -> Claim {
        let rows = try await pool.query(
            """
            SELECT \(storeColumns(of: "s")), s.first_ready_at IS NOT NULL AS ever_ready, j.kind, j.attempt, j.traceparent
            FROM jobs j JOIN stores s ON s.id = j.store_id WHERE j.id = \(job.rawValue)
            """
        )
        guard let row = rows.first, let kind = JobKind(rawValue: try row["kind"]) else {
            throw StoreRecordsError(code: .unreadableRow, message: "job \(job) is unreadable")
        }
        let store = try Store(row: row)
        return Claim(
            ticket: JobTicket(
                id: job,
                kind: kind,
                store: store.id,
                namespace: store.namespace,
                user: store.owner,
                traceparent: try row["traceparent"]
            ),
            store: store,
            fence: fence,
            attempt: try row["attempt"],
            everReady: try row["ever_ready"],
            takenOver: takenOver
        )
    }
}

/// A settlement as `settle_job` takes it.
private struct SettlementColumns {
    var outcome: String
    var url: String?
    var engineVersion: String?
    var message: String?
    var permanent = false
    var delay: Double = 0

    init(_ settlement: Settlement) {
        switch settlement {
        case .ready(let url, let engineVersion):
            outcome = "ready"
            self.url = url
            self.engineVersion = engineVersion
        case .gone:
            outcome = "gone"
        case .failed(let message, let permanent):
            outcome = "failed"
            self.message = message
            self.permanent = permanent
        case .handBack(let after, let reason):
            outcome = "hand_back"
            message = reason
            delay = after.seconds
        case .relocate(let reason):
            outcome = "relocate"
            message = reason
        case .cancelled(let reason):
            outcome = "cancelled"
            message = reason
        }
    }
}

extension Settlement {
    fileprivate var isRelocation: Bool { if case .relocate = self { true } else { false } }
}

extension Duration {
    /// In seconds, as PostgreSQL's functions take it.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
