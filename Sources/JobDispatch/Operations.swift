package import JobQueue
package import StoreDomain
package import StoreRecords

/// What an operator does to the queue: PostgreSQL decides, Redis is told.
package struct Operations: Sendable {
    private let records: StoreRecords
    private let queue: JobQueue
    private let jobs: AcceptedJobs

    package init(records: StoreRecords, queue: JobQueue, jobs: AcceptedJobs) {
        self.records = records
        self.queue = queue
        self.jobs = jobs
    }

    /// Its store ends as failed with the reason. A running job's worker hears of it within a moment.
    package func cancel(_ job: JobID, by operator: String, reason: String) async throws -> CancelJobOutcome {
        let outcome = try await records.cancel(job, reason: "Cancelled by \(`operator`): \(reason)")
        switch outcome {
        case .cancelled, .asked: await jobs.tellOfCancel(job, reason: "\(`operator`): \(reason)")
        case .over, .notFound: break
        }
        return outcome
    }

    /// Queues a dead letter's work again, as a new job.
    package func replay(_ job: JobID, traceparent: String?) async throws -> ReplayOutcome {
        let outcome = try await records.replay(job, traceparent: traceparent)
        if case .queued(let ticket) = outcome { await jobs.enqueue(ticket, replaying: job) }
        return outcome
    }

    /// Takes effect at once even where Redis is away: no claim is granted.
    package func pause(by operator: String, reason: String) async throws {
        try await records.pause(by: `operator`, reason: reason)
        await jobs.tellOfPause("\(`operator`): \(reason)")
    }

    /// False: it was not paused.
    package func resume() async throws -> Bool {
        let wasPaused = try await records.resume()
        await jobs.tellOfPause(nil)
        return wasPaused
    }
}
