import Postgres
package import StoreDomain

/// Jobs under the operator's hand.
extension StoreRecords {
    package func jobs(_ query: JobQuery) async throws -> [OperatedJob] {
        try await pool.query(
            """
            SELECT \(SQL(unsafe: OperatedJob.columns)) FROM jobs j JOIN stores s ON s.id = j.store_id
            WHERE (\(query.state?.rawValue)::text IS NULL OR j.state = \(query.state?.rawValue))
              AND (\(query.kind?.rawValue)::text IS NULL OR j.kind = \(query.kind?.rawValue))
              AND (\(query.store?.rawValue)::text IS NULL OR j.store_id = \(query.store?.rawValue))
              AND (\(query.user?.rawValue)::text IS NULL OR j.owner = \(query.user?.rawValue))
              AND (\(query.worker)::text IS NULL OR j.worker = \(query.worker))
              AND (\(query.before?.rawValue)::bigint IS NULL OR j.id < \(query.before?.rawValue))
            ORDER BY j.id DESC LIMIT \(query.limit)
            """
        ).map(OperatedJob.init(row:))
    }

    /// What waits, in the order in which it is taken, and why; then what is to be tried again later.
    package func waitingJobs(limit: Int) async throws -> [(job: OperatedJob, waiting: WaitingReason)] {
        try await pool.query(
            """
            WITH line AS (SELECT q.id, row_number() OVER (ORDER BY q.class, q.turn, q.id) - 1 AS ahead FROM (\(WaitingReason.line)) q)
            SELECT \(SQL(unsafe: OperatedJob.columns)), \(WaitingReason.columns(of: "j")), coalesce(l.ahead, 0) AS ahead
            FROM jobs j JOIN stores s ON s.id = j.store_id LEFT JOIN line l ON l.id = j.id
            WHERE j.state = 'queued' ORDER BY l.ahead NULLS LAST, j.run_after, j.id LIMIT \(limit)
            """
        ).map { (try OperatedJob(row: $0), try WaitingReason(row: $0, endedInTheLastHour: 0)) }
    }

    /// The job and every change of its state, oldest first; `nil` when there is none.
    package func job(_ id: JobID) async throws -> (job: OperatedJob, history: [JobChange])? {
        let found = try await pool.query(
            "SELECT \(SQL(unsafe: OperatedJob.columns)) FROM jobs j JOIN stores s ON s.id = j.store_id WHERE j.id = \(id.rawValue)"
        ).first
        guard let found else { return nil }
        let history = try await pool.query(
            """
            SELECT at, from_state, to_state, worker, fence, attempt, reclaims, error
            FROM job_history WHERE job_id = \(id.rawValue) ORDER BY id LIMIT 1000
            """
        )
        return (try OperatedJob(row: found), try history.map(JobChange.init(row:)))
    }

    /// Ends what waits, asks what runs to stop. The store ends as failed with the reason, unless it is to be deleted anyway.
    package func cancel(_ job: JobID, reason: String) async throws -> CancelJobOutcome {
        let rows = try await pool.query("SELECT outcome, (job).state FROM cancel_job(\(job.rawValue), \(reason))")
        let outcome: String? = try rows.first?["outcome"]
        switch outcome {
        case "cancelled": return .cancelled
        case "asked": return .asked
        case "not_found": return .notFound
        case "over":
            guard let state = try rows.first.flatMap({ JobState(rawValue: try $0["state"]) }) else { break }
            return .over(state)
        default: break
        }
        throw StoreRecordsError(code: .unreadableRow, message: "cancel_job answered \(outcome ?? "nothing")")
    }

    /// Queues a dead letter's work again as a new job; the old one keeps its history.
    package func replay(_ id: JobID, traceparent: String?) async throws -> ReplayOutcome {
        guard
            let row = try await pool.query(
                """
                SELECT j.store_id, j.kind, j.state, j.id = (SELECT max(id) FROM jobs WHERE store_id = j.store_id AND kind <> 'backup') AS newest
                FROM jobs j WHERE j.id = \(id.rawValue)
                """
            ).first, let store = StoreID(try row["store_id"])
        else { return .notFound }
        let state: String = try row["state"]
        guard state == JobState.failed.rawValue || state == JobState.cancelled.rawValue else { return .notFailed }
        if try row["kind"] == JobKind.backup.rawValue {
            let request = Self.requestBackup(of: store, visibleTo: nil, limit: Int(Int32.max), traceparent: traceparent)
            guard case .accepted(_, _, let descriptor) = try await requestBackup(request, traceparent: traceparent) else {
                return .notFailed
            }
            return .queued(descriptor)
        }
        guard try row["newest"] else { return .notFailed }
        switch try await retry(Self.retry(store, traceparent: traceparent), traceparent: traceparent) {
        case .accepted(_, let descriptor): return .queued(descriptor)
        case .notFailed, .lost, .notLost, .busy, .unitLimitReached, .notFound: return .notFailed
        }
    }

    /// Forgets final jobs that ended this long ago, except each living store's newest. How many.
    package func purgeJobs(olderThan age: Duration) async throws -> Int {
        var purged = 0
        while true {
            let count = try await prune(.jobs, by: Retention(jobs: age))
            purged += count
            if count == 0 { return purged }
        }
    }
}

extension OperatedJob {
    fileprivate static let columns = """
        j.id, j.store_id, s.name, j.kind, j.class, j.state, j.namespace, j.owner, j.attempt, j.max_attempts, j.reclaims, j.run_after, \
        j.cancel_requested_at, j.error, j.worker, j.fence, j.traceparent, j.created_at, j.started_at, j.finished_at, \
        (SELECT t.cause FROM attempts t WHERE t.store_id = j.store_id AND t.job_id = j.id ORDER BY t.fence DESC LIMIT 1) AS cause
        """

    fileprivate init(row: PostgresRow) throws {
        self.init(
            id: try row["id"],
            store: try row["store_id"],
            storeName: try row["name"],
            kind: try row["kind"],
            jobClass: try row["class"],
            state: try row["state"],
            namespace: try row["namespace"],
            user: try row["owner"],
            attempt: try row["attempt"],
            maxAttempts: try row["max_attempts"],
            reclaims: try row["reclaims"],
            runAfter: try row["run_after"],
            cancelRequestedAt: try row["cancel_requested_at"],
            error: try row["error"],
            worker: try row["worker"],
            fence: try row["fence"],
            traceparent: try row["traceparent"],
            createdAt: try row["created_at"],
            startedAt: try row["started_at"],
            finishedAt: try row["finished_at"],
            cause: try row["cause"]
        )
    }
}

extension JobChange {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            at: try row["at"],
            from: try row.known("from_state"),
            to: try row["to_state"],
            worker: try row["worker"],
            fence: try row["fence"],
            attempt: try row["attempt"],
            reclaims: try row["reclaims"],
            error: try row["error"]
        )
    }
}
