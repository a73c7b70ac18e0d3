import JobQueue
import Logging
import Observability
import StoreDomain
import StoreRecords

/// One taken job from PostgreSQL's word on it to its settlement: here until it is claimed.
struct AttemptRunner: Sendable {
    let records: StoreRecords
    let queue: JobQueue
    let transitions: TransitionBatcher
    let handler: any JobHandler
    let renewer: LeaseRenewer
    let running: RunningAttempts
    let times: LeaseTimes
    /// How long a running attempt may go on after shutdown began.
    let grace: Duration
    let logger: Logger

    /// When its task is cancelled, the handler is told to stop; what the attempt holds is given back all the same.
    func run(_ job: LeasedJob) async {
        let (stopSignal, source) = AsyncStream.makeStream(of: Never.self)
        await withTaskCancellationHandler {
            await Task { await work(on: job, stopSignal: stopSignal) }.value
        } onCancel: {
            source.finish()
        }
    }

    private func work(on job: LeasedJob, stopSignal: AsyncStream<Never>) async {
        var logger = logger
        logger[metadataKey: "job"] = "\(job.descriptor.id)"
        logger[metadataKey: "store"] = "\(job.descriptor.store)"
        let wakeup = running.join(job.descriptor.id)
        defer { running.leave(job.descriptor.id, wakeup) }
        do {
            let (outcome, sentAt) = try await claim(job.descriptor)
            switch Transitions.after(outcome) {
            case .run(let claim):
                logger[metadataKey: "attempt"] = "\(claim.fence.number)"
                let parent = claim.descriptor.traceparent.flatMap { TraceContext(traceparent: $0) }
                await Tracing.span("attempt \(claim.descriptor.kind)", kind: .consumer, parent: parent, attributes: claim.attributes) {
                    [logger] notes in
                    await attempt(claim, job: job, claimedAt: sentAt, wakeup: wakeup, stopSignal: stopSignal, notes: notes, logger: logger)
                }
            case .release(let delay, let reason): try await queue.release(job, after: delay, reason: reason)
            case .forget(let deadLettered): try await transitions.finish(job, deadLettered: deadLettered)
            }
        } catch {
            logger.warning("A job could not be claimed", metadata: ["error": "\(error)"])
            await returnPlace(job, logger: logger)
        }
    }

    /// PostgreSQL may have granted what it was not heard to grant; asked again it says so. The time is that before the answer's own question, from which
    /// the lease counts.
    private func claim(_ descriptor: JobDescriptor) async throws -> (ClaimOutcome, sentAt: UInt64) {
        let request = ClaimRequest(descriptor)
        return try await persistently {
            let sentAt = BootClock.now
            return (try await transitions.claim(request), sentAt)
        }
    }

    /// Keeps its slot for as long as the job: without PostgreSQL the worker does not spin through the queue.
    private func returnPlace(_ job: LeasedJob, logger: Logger) async {
        let (delay, reason) = Transitions.afterFailedClaim
        do {
            try await queue.release(job, after: delay, reason: reason)
        } catch {
            // Nothing is lost: what Redis has of it lapses, and what PostgreSQL has is found by the sweep.
            logger.debug("A job could not be handed back", metadata: ["error": "\(error)"])
        }
        await pause(for: delay)
    }
}

extension Claim {
    /// What a trace tells of it.
    fileprivate var attributes: [(String, String)] {
        [
            ("job", descriptor.id.description), ("store", descriptor.store.rawValue), ("namespace", descriptor.namespace.rawValue),
            ("engine", store.engine.rawValue), ("attempt", String(fence.number)),
        ]
    }
}
