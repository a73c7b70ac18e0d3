import JobQueue
import StoreDomain
import StoreRecords
import ThreadedIO

/// What attempts that begin or end at the same time tell PostgreSQL and Redis, together: one statement and one trip for many.
final class TransitionBatcher: Sendable {
    private let queue: JobQueue
    private let worker: String
    private let limits: ClassLimits
    private let claims: CallBatcher<ClaimRequest, Result<ClaimOutcome, any Error>>
    private let settlements: CallBatcher<(claim: Claim, outcome: AttemptOutcome), SettledJob?>
    private let ends: CallBatcher<FinishedJob, Bool>

    init(records: StoreRecords, queue: JobQueue, worker: String, times: LeaseTimes, limits: ClassLimits) {
        self.queue = queue
        self.worker = worker
        self.limits = limits
        let isOneCallersFault: @Sendable (any Error) -> Bool = { ($0 as? any DatabaseError)?.isRefusal == true }
        claims = CallBatcher(atMost: JobQueue.batch, isOneCallersFault: isOneCallersFault) { requests in
            try await records.claim(requests, worker: worker, times: times, limits: limits)
        }
        settlements = CallBatcher(atMost: JobQueue.batch, isOneCallersFault: isOneCallersFault) { try await records.settle($0) }
        ends = CallBatcher(atMost: JobQueue.batch) { try await queue.finish($0) }
    }

    func take(atMost free: Int, lease: Duration) async throws -> TakeOutcome {
        let ended = ends.takeWaiting()
        do {
            let outcome = try await queue.take(
                worker: worker,
                limits: limits,
                lease: lease,
                atMost: free,
                ending: ended.map(\.request)
            )
            for caller in ended { caller.resume(with: .success(true)) }
            return outcome
        } catch {
            for caller in ended { caller.resume(with: .failure(error)) }
            throw error
        }
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimOutcome { try await claims(request).get() }

    /// Throws `LeaseLost` when the attempt no longer holds the namespace: then nothing was written.
    func settle(_ claim: Claim, as outcome: AttemptOutcome) async throws -> SettledJob {
        guard let settled = try await settlements((claim, outcome)) else {
            throw LeaseLost(reason: "PostgreSQL refused to settle job \(claim.descriptor.id) under fence \(claim.fence)")
        }
        return settled
    }

    func finish(_ job: LeasedJob, deadLettered: String?) async throws {
        _ = try await ends(FinishedJob(job: job, deadLettered: deadLettered))
    }
}
