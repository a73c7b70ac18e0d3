import CoreMetrics
import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// Takes the job's namespace for a new attempt, if PostgreSQL lets it.
    ///
    /// `provisionLimit`: how many provisions may run at once in the whole installation.
    package func claim(_ job: JobID, worker: String, times: LeaseTimes, provisionLimit: Int) async throws -> ClaimOutcome {
        let attemptID = UUID().uuidString.replacing("-", with: "").lowercased()
        let answer = try await pool.query(
            """
            SELECT c.outcome, c.retry_after, c.taken_over, (c.job).id AS job_id, (c.job).kind, (c.job).state, (c.job).attempt,
                   (c.job).fence, (c.job).error, (c.job).traceparent,
                   extract(epoch FROM clock_timestamp() - (c.job).run_after)::float8 AS waited, (c.store).first_ready_at IS NOT NULL AS ever_ready,
                   \(storeColumns(of: "(c.store)"))
            FROM claim_job(\(job.rawValue), \(worker), \(attemptID), \(times.lease.seconds), \(provisionLimit)) c
            """
        )
        guard let row = answer.first else { throw StoreRecordsError(code: .unreadableRow, message: "claim_job answered nothing") }
        let outcome: String = try row["outcome"]
        switch outcome {
        case "held": return .held(retryAfter: .seconds(try row["retry_after"] as Double))
        case "not_yet": return .notYet(.seconds(try row["retry_after"] as Double))
        case "capped": return .capped(retryAfter: .seconds(try row["retry_after"] as Double))
        case "paused": return .paused(retryAfter: .seconds(try row["retry_after"] as Double))
        case "over":
            let state: String? = try row["state"]
            return .over(buried: state == JobState.failed.rawValue ? try row["error"] ?? "failed" : nil)
        case "claimed": return .claimed(try Claim(row: row, job: job, attemptID: attemptID))
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
        guard let cancel: Bool = try rows.first?["cancel"] else {
            Self.countFenced("renew")
            return .lost
        }
        return .held(cancelRequested: cancel)
    }

    /// Ends the attempt and gives the namespace back.
    ///
    /// Throws `LeaseLost` when the attempt no longer holds the namespace: then nothing was written.
    package func settle(_ claim: Claim, as settlement: Settlement, deadline: Duration = .seconds(5)) async throws -> SettledJob {
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
        case "refused":
            Self.countFenced("settle")
            throw LeaseLost(reason: "PostgreSQL refused to settle job \(claim.ticket.id) under fence \(claim.fence)")
        case "queued": return .queued(namespace: moved ?? claim.ticket.namespace)
        case "buried": return .over(buried: end.message ?? "failed")
        default: return .over(buried: nil)
        }
    }

    /// A write that came too late. `what`: renew, write or settle.
    static func countFenced(_ what: String) {
        Counter(label: "storeweaver_fenced_writes_total", dimensions: [("what", what)]).increment()
    }
}

extension Claim {
    /// Reads what `claim_job` answers when it claimed.
    fileprivate init(row: PostgresRow, job: JobID, attemptID: String) throws {
        guard let kind = JobKind(rawValue: try row["kind"]) else {
            throw StoreRecordsError(code: .unreadableRow, message: "job \(job) is unreadable")
        }
        let store = try Store(row: row)
        self.init(
            ticket: JobTicket(
                id: job,
                kind: kind,
                store: store.id,
                namespace: store.namespace,
                user: store.owner,
                traceparent: try row["traceparent"]
            ),
            store: store,
            fence: Fence(number: try row["fence"], attemptID: attemptID),
            attempt: try row["attempt"],
            everReady: try row["ever_ready"],
            takenOver: try row["taken_over"],
            waited: .seconds(max(0, try row["waited"] as Double))
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
