import Foundation
import Postgres
package import StoreDomain

/// What the records say against themselves.
package struct Inconsistency: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A quota's counter is not the number of stores.
        case usage
        /// A store waits for a job that is not there.
        case stuck
        /// A change of a ready store waits for a job that is not there.
        case unapplied
        /// A running job's holder vanished, and nobody took notice.
        case lapsed
        /// An attempt is open though its job does not run.
        case attempt
        /// A backup is said to run, though no job takes it.
        case backup
    }

    package let kind: Kind
    /// A quota's scope, a store's id, a job's number, an attempt's number, a backup's id.
    package let subject: String
    /// For people.
    package let detail: String
}

package enum RunNowOutcome: Sendable, Equatable {
    case mayRunNow(JobDescriptor)
    /// It runs, is over, or is not waiting for a later time.
    case notWaiting
    case notFound
}

package enum AdoptOutcome: Sendable, Equatable {
    case adopted(JobDescriptor)
    /// A store of this id is or was there.
    case known
    /// Another store has the namespace.
    case taken
}

/// What an operator repairs in the records.
extension StoreRecords {
    package func inconsistencies() async throws -> [Inconsistency] {
        try await pool.query("SELECT kind, subject, detail FROM check_consistency() ORDER BY kind, subject").map {
            Inconsistency(kind: try $0["kind"], subject: try $0["subject"], detail: try $0["detail"])
        }
    }

    package func repairConsistency() async throws {
        _ = try await pool.query("SELECT repair_consistency()", deadline: .seconds(60))
    }

    /// Which of these jobs are living, by PostgreSQL's word, in which state, and whether somebody works on them.
    package func states(of jobs: [JobID]) async throws -> [JobID: JobState] {
        guard !jobs.isEmpty else { return [:] }
        var states: [JobID: JobState] = [:]
        for row in try await pool.query("SELECT id, state FROM jobs WHERE id = ANY(\(jobs.map(\.rawValue)))") {
            states[try row["id"]] = try row.known("state")
        }
        return states
    }

    /// A job that waits for a later time may run now.
    package func runNow(_ job: JobID) async throws -> RunNowOutcome {
        let rows = try await pool.query(
            """
            SELECT outcome, (job).id, (job).kind, (job).class, (job).store_id, (job).namespace, (job).owner, (job).run_after, (job).traceparent
            FROM run_job_now(\(job.rawValue))
            """
        )
        guard let row = rows.first else { return .notFound }
        let outcome: String = try row["outcome"]
        switch outcome {
        case "mayRunNow": return .mayRunNow(try JobDescriptor(row: row))
        case "not_waiting": return .notWaiting
        default: return .notFound
        }
    }

    /// Writes down a store that the cluster has and the records do not know, and queues a retry that finds it.
    package func adopt(_ id: StoreID, name: StoreName, engine: Engine, owner: UserID?, namespace: StoreNamespace) async throws
        -> AdoptOutcome
    {
        let rows = try await pool.query(
            """
            SELECT outcome, accepted_job FROM adopt_store(
                \(id.rawValue), \(name.rawValue), \(engine.rawValue), \(owner?.rawValue), \(namespace.rawValue))
            """
        )
        let outcome: String? = try rows.first?["outcome"]
        switch outcome {
        case "known": return .known
        case "taken": return .taken
        default: break
        }
        guard let number: Int64 = try rows.first?["accepted_job"], let job = JobID(number) else {
            throw StoreRecordsError(code: .unreadableRow, message: "adopt_store answered \(outcome ?? "nothing")")
        }
        return .adopted(JobDescriptor(id: job, kind: .retry, store: id, namespace: namespace, user: owner))
    }

    /// Holds a namespace that no living store has for `time`; `nil` when an attempt holds it or a store has it.
    package func hold(orphan namespace: String, by holder: String, for time: Duration) async throws -> Fence? {
        let attempt = RandomToken.make()
        let rows = try await pool.query(
            "SELECT hold_orphan_namespace(\(namespace), \(holder), \(attempt), \(time.seconds)) AS fence"
        )
        guard let number: Int64 = try rows.first?["fence"] else { return nil }
        return Fence(number: number, attemptID: attempt)
    }

    /// Gives back a namespace that was held outside an attempt.
    package func release(_ namespace: String, _ fence: Fence) async throws {
        _ = try await pool.query(
            """
            UPDATE namespace_leases SET expires_at = '-infinity', attempt_id = NULL, worker = NULL
            WHERE namespace = \(namespace) AND fence = \(fence.number) AND attempt_id = \(fence.attemptID)
            """
        )
    }
}
