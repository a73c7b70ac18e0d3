import CoreMetrics
import Foundation
import Postgres
package import StoreDomain

extension StoreRecords {
    /// Takes the job's namespace for a new attempt, if PostgreSQL lets it.
    package func claim(_ job: JobDescriptor, worker: String, times: LeaseTimes, limits: ClassLimits) async throws -> ClaimOutcome {
        let outcomes = try await claim([ClaimRequest(job)], worker: worker, times: times, limits: limits)
        guard let outcome = outcomes.first else { throw StoreRecordsError(code: .unreadableRow, message: "claim_jobs answered nothing") }
        return try outcome.get()
    }

    /// The same for many jobs in one transaction; the outcomes in the jobs' order, failures being rows that cannot be read.
    /// When PostgreSQL refuses one, it refuses all, and nothing was claimed.
    package func claim(
        _ requests: [ClaimRequest],
        worker: String,
        times: LeaseTimes,
        limits: ClassLimits
    ) async throws -> [Result<ClaimOutcome, any Error>] {
        let rows = try await pool.query(
            """
            SELECT c.place, c.outcome, c.retry_after, c.taken_over, (c.job).id AS job_id, (c.job).kind, (c.job).state, (c.job).attempt,
                   (c.job).fence, (c.job).error, (c.job).traceparent, (c.job).takes_over OR coalesce(wanted.takes_over, false) AS takes_over, (c.job).class, (c.job).phase,
                   (c.job).backup_id, (c.job).export_id, (c.job).wants_final, (c.job).recreates, (c.store).failure_cause AS phase_cause,
                   wanted.values::text AS recorded_values, coalesce(wanted.from_files, false) AS reads_files,
                   old.generation AS old_generation, old.name AS old_name, old.plan AS old_plan, old.version AS old_version, false AS old_pinned,
                   old.asleep AS old_asleep, old.database_mib AS old_database_mib, old.uploads_mib AS old_uploads_mib,
                   old.storage_class AS old_storage_class, old.host AS old_host, old.admin_revision AS old_admin_revision,
                   old.values::text AS old_values, (c.store).staging AS old_staging,
                   coalesce(old.own_hosts, '') AS old_own_hosts, old.primary_host AS old_primary_host,
                   extract(epoch FROM clock_timestamp() - (c.job).run_after)::float8 AS waited, (c.store).first_ready_at IS NOT NULL AS ever_ready,
                   \(StoreColumn.columns(of: "(c.store)"))
            FROM claim_jobs(\(requests.map(\.job.id.rawValue)), \(requests.map(\.attemptID)), \(worker), \(times.lease.seconds),
                            \(limits.interactive), \(limits.background)) c
            LEFT JOIN store_specs wanted ON wanted.store_id = (c.store).id AND wanted.generation = (c.job).generation
            LEFT JOIN store_specs old ON old.store_id = (c.store).id AND old.generation = (c.store).applied_generation
            """
        )
        var outcomes: [Int: Result<ClaimOutcome, any Error>] = [:]
        for row in rows {
            let place = try (row["place"] as Int) - 1
            outcomes[place] = Result { try ClaimOutcome(row: row, of: requests[place]) }
        }
        return requests.indices.map { place in
            outcomes[place]
                ?? .failure(
                    StoreRecordsError(code: .unreadableRow, message: "claim_jobs answered nothing for job \(requests[place].job.id)")
                )
        }
    }

    /// Holds the lease for another `lease`, counted by PostgreSQL's clock; `lost` is final.
    package func renew(_ claim: Claim, lease: Duration, deadline: Duration = .seconds(3)) async throws -> Renewal {
        let rows = try await pool.query(
            """
            SELECT renew_lease(\(claim.descriptor.namespace.rawValue), \(claim.fence.number), \(claim.fence.attemptID),
                               \(claim.descriptor.id.rawValue), \(lease.seconds)) AS cancel
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
    package func settle(_ claim: Claim, as outcome: AttemptOutcome, deadline: Duration = .seconds(5)) async throws -> SettledJob {
        guard let settled = try await settle([(claim, outcome)], deadline: deadline).first, let settled else {
            throw LeaseLost(reason: "PostgreSQL refused to settle job \(claim.descriptor.id) under fence \(claim.fence)")
        }
        return settled
    }

    /// The same for many attempts in one transaction, in their order; `nil` for one that no longer holds its namespace: of that nothing was
    /// written. When PostgreSQL fails, nothing was written of any.
    package func settle(_ ends: [(claim: Claim, outcome: AttemptOutcome)], deadline: Duration = .seconds(5)) async throws -> [SettledJob?] {
        let claims = ends.map(\.claim)
        let columns = ends.map { OutcomeColumns($0.outcome, of: $0.claim.store) }
        let rows = try await pool.query(
            """
            SELECT place, result, kind, class FROM settle_jobs(
                \(claims.map(\.descriptor.id.rawValue)), \(claims.map(\.descriptor.namespace.rawValue)), \(claims.map(\.fence.number)),
                \(claims.map(\.fence.attemptID)), \(columns.map(\.outcome)), \(columns.map { $0.url ?? "" }),
                \(columns.map { $0.engineVersion ?? "" }), \(columns.map { $0.message ?? "" }), \(columns.map { String($0.permanent) })::boolean[],
                \(columns.map { String($0.delay) })::float8[], \(columns.map { $0.moved?.rawValue ?? "" }),
                \(columns.map { $0.changeError ?? "" }))
            """,
            deadline: deadline
        )
        var settled: [SettledJob?] = ends.map { _ in .over(deadLettered: nil) }
        for row in rows {
            let place = try (row["place"] as Int) - 1
            let result: String = try row["result"]
            switch result {
            case "refused":
                Self.countFenced("settle")
                settled[place] = nil
            case "queued":
                var job = claims[place].descriptor
                (job.kind, job.jobClass, job.namespace) = (try row["kind"], try row["class"], columns[place].moved ?? job.namespace)
                settled[place] = .queued(job)
            case "deadLettered": settled[place] = .over(deadLettered: columns[place].message ?? "failed")
            default: break
            }
        }
        return settled
    }

    /// How long a message of an attempt may be, in bytes; what is longer is cut.
    static let messageLimit = 4_000

    /// A write that came too late. `what`: renew, write or settle.
    static func countFenced(_ what: String) {
        Counter(label: "storeweaver_fenced_writes_total", dimensions: [("what", what)]).increment()
    }
}

extension ClaimOutcome {
    /// Reads what `claim_jobs` answers.
    fileprivate init(row: PostgresRow, of request: ClaimRequest) throws {
        let outcome: String = try row["outcome"]
        switch outcome {
        case "held": self = .held(retryAfter: .seconds(try row["retry_after"] as Double))
        case "not_yet": self = .notYet(.seconds(try row["retry_after"] as Double))
        case "capped": self = .capped(retryAfter: .seconds(try row["retry_after"] as Double))
        case "paused": self = .paused(retryAfter: .seconds(try row["retry_after"] as Double))
        case "over":
            let state: JobState? = try row.known("state")
            self = .over(deadLettered: state == .failed ? try row["error"] ?? "failed" : nil)
        case "claimed": self = .claimed(try Claim(row: row, job: request.job.id, attemptID: request.attemptID))
        default: throw StoreRecordsError(code: .unreadableRow, message: "claim_jobs answered \(outcome)")
        }
    }
}

extension Claim {
    /// Reads what `claim_jobs` answers when it claimed.
    fileprivate init(row: PostgresRow, job: JobID, attemptID: String) throws {
        let store = try Store(row: row)
        let phase: JobPhase? = try row.known("phase")
        self.init(
            descriptor: JobDescriptor(
                id: job,
                kind: try row["kind"],
                jobClass: try row.known("class"),
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
            takesOver: try row["takes_over"],
            values: KnownValues(
                recorded: try row["recorded_values"],
                readsFiles: try row["reads_files"],
                applied: try AppliedSpec(row: row, of: store),
                failure: phase == .goingBack || phase == .reopening
                    ? ChangeFailure(code: try row["phase_cause"] ?? "not-applied", message: try row["error"] ?? "") : nil
            ),
            phase: phase,
            backup: try row["backup_id"],
            export: try row.known("export_id"),
            wantsFinalBackup: try row["wants_final"],
            recreates: try row["recreates"],
            waited: .seconds(max(0, try row["waited"] as Double))
        )
    }
}

extension AppliedSpec {
    /// Reads the `old_` columns of what `claim` asks for.
    fileprivate init?(row: PostgresRow, of store: Store) throws {
        guard (try row["old_generation"] as Int64?) != nil else { return nil }
        self.init(
            name: try row["old_name"],
            spec: try StoreSpec(row: row, of: store.id.rawValue, prefix: "old_"),
            values: try row["old_values"]
        )
    }
}

/// An outcome as `settle_jobs` takes it.
private struct OutcomeColumns {
    var outcome: String
    var url: String?
    var engineVersion: String?
    var message: String?
    var permanent = false
    var delay: Double = 0
    /// The code of a change that was not made.
    var changeError: String?
    /// Where the store is to be.
    var moved: StoreNamespace?

    init(_ end: AttemptOutcome, of store: Store) {
        switch end {
        case .ready(let url, let engineVersion, let change):
            outcome = "ready"
            message = change?.message.plain(atMost: StoreRecords.messageLimit)
            changeError = change?.code
            self.url = url
            self.engineVersion = engineVersion?.plain(atMost: 200)
        case .gone:
            outcome = "gone"
        case .failed(let message, let permanent):
            outcome = "failed"
            self.message = message.plain(atMost: StoreRecords.messageLimit)
            self.permanent = permanent
        case .again(let after, let reason):
            outcome = "hand_back"
            message = reason.plain(atMost: StoreRecords.messageLimit)
            delay = after.seconds
        case .relocate(let reason):
            outcome = "relocate"
            message = reason.plain(atMost: StoreRecords.messageLimit)
            moved = .suffixed(for: store.name, id: store.id)
        case .cancelled(let reason):
            outcome = "cancelled"
            message = reason.plain(atMost: StoreRecords.messageLimit)
        }
    }
}

extension Duration {
    /// In seconds, as PostgreSQL's functions take it.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
