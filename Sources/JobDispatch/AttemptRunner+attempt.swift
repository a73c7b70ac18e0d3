import JobQueue
import Logging
import Observability
import ServiceLifecycle
import StoreDomain
import StoreRecords
import Synchronization

/// The attempt at a claimed job: the handler at work under its lease, until how it ended is written.
extension AttemptRunner {
    private enum Event: Sendable {
        case handled(AttemptOutcome)
        case leaseLost
        case interrupted
    }

    func attempt(
        _ claim: Claim,
        job: LeasedJob,
        claimedAt: UInt64,
        wakeup: WakeupSignal,
        stopSignal: AsyncStream<Never>,
        notes: SpanHandle,
        logger: Logger
    ) async {
        let metrics = AttemptMetrics(claim)
        let lease = HeldLease(fence: claim.fence, claimedAt: claimedAt, validFor: times.term)
        let work = InterruptibleWork {
            // Requests of a holder that vanished may still be on their way.
            if claim.takenOver { do { try await Task.sleep(for: times.settle) } catch { return AttemptOutcome.interrupted } }
            return await handler.run(Attempt(claim: claim, lease: lease))
        }
        logger.info(
            "An attempt begins",
            metadata: ["kind": "\(claim.descriptor.kind)", "number": "\(claim.attempt)", "fence": "\(claim.fence)"]
        )
        await withTaskGroup(of: Event.self) { group in
            group.addTask { .handled(await work.outcome) }
            group.addTask {
                await renewer.run(claim, job: job, lease: lease, wakeup: wakeup) { work.interrupt(.cancelRequested) }
                return .leaseLost
            }
            group.addTask {
                do {
                    try await gracefulShutdown()
                    try await Task.sleep(for: grace)
                    work.interrupt(.drained)
                } catch {
                    // The attempt ended first.
                }
                return .interrupted
            }
            group.addTask {
                for await _ in stopSignal {}
                if !Task.isCancelled { work.interrupt(.drained) }
                return .interrupted
            }
            var leaseLost = false
            for await event in group {
                switch event {
                case .interrupted: continue
                case .leaseLost:
                    leaseLost = true
                    work.interrupt(nil)
                case .handled(let outcome):
                    let settled = Transitions.settlement(of: outcome, leaseLost: leaseLost, interruption: work.interruption)
                    metrics.ended(settled?.word ?? "lease-lost")
                    if let settled {
                        notes.add("outcome", settled.word)
                        if case .failed(let message, _) = settled { notes.fail(message) }
                        // The renewals go on until it is written.
                        await end(settled, claim: claim, job: job, lease: lease, logger: logger)
                    } else {
                        notes.fail("the lease was lost")
                        logger.warning("An attempt lost its lease and is abandoned")
                    }
                    group.cancelAll()
                }
            }
        }
    }

    /// Ends the lease as soon as PostgreSQL has the settlement; Redis hears of it afterwards.
    private func end(_ outcome: AttemptOutcome, claim: Claim, job: LeasedJob, lease: HeldLease, logger: Logger) async {
        defer { lease.end("the attempt is over") }
        do {
            let settled = try await settle(claim, as: outcome, while: lease, logger: logger)
            lease.end("the attempt is over")
            logger.info("An attempt ends", metadata: ["outcome": "\(outcome.reason)", "job-is": "\(settled)"])
            switch settled {
            case .queued(let requeued):
                let delay = Transitions.delay(after: outcome)
                try await queue.release(job, after: delay, reason: outcome.reason, requeued: requeued)
            case .over(let deadLettered):
                try await transitions.finish(job, deadLettered: deadLettered)
            }
        } catch {
            logger.warning("Outcome not recorded everywhere; the sweep will reconcile", metadata: ["error": "\(error)"])
        }
    }

    /// Tries for as long as the lease lasts: PostgreSQL may be away for a moment just now. Words that it refuses it would refuse again: then
    /// the attempt ends without them.
    private func settle(_ claim: Claim, as outcome: AttemptOutcome, while lease: HeldLease, logger: Logger) async throws -> SettledJob {
        var outcome = outcome
        while true {
            do {
                return try await transitions.settle(claim, as: outcome)
            } catch let error as LeaseLost {
                throw error
            } catch let error as any DatabaseError where error.isRefusalOfValues {
                StoreRecords.countRefused("settlement")
                logger.warning("PostgreSQL refuses how an attempt ended", metadata: ["error": "\(error)"])
                guard outcome != outcome.withoutWords else { throw error }
                outcome = outcome.withoutWords
            } catch {
                if lease.hasLapsed { throw error }
                try await Task.sleep(for: .milliseconds(250))
            }
        }
    }
}

/// A handler at work, and why it was told to stop.
private final class InterruptibleWork: Sendable {
    private let task: Task<AttemptOutcome, Never>
    private let reason = Mutex<Transitions.Interruption?>(nil)

    init(_ body: @escaping @Sendable () async -> AttemptOutcome) { task = Task { await body() } }

    var outcome: AttemptOutcome { get async { await task.value } }

    /// The first reason that was given.
    var interruption: Transitions.Interruption? { reason.withLock { $0 } }

    func interrupt(_ why: Transitions.Interruption?) {
        reason.withLock { $0 = $0 ?? why }
        task.cancel()
    }
}

extension AttemptOutcome {
    /// The same end, without what somebody else's programs said of it.
    fileprivate var withoutWords: AttemptOutcome {
        let words = "What was said of it cannot be recorded."
        return switch self {
        case .ready(let url, _, let change):
            .ready(url: url, engineVersion: nil, change: change.map { ChangeFailure(code: $0.code, message: words) })
        case .gone: .gone
        case .failed(_, let permanent): .failed(message: words, permanent: permanent)
        case .again(let delay, _): .again(after: delay, reason: words)
        case .relocate: .relocate(reason: words)
        case .cancelled: .cancelled(reason: words)
        }
    }

    /// For logs and the queue's event stream.
    fileprivate var reason: String { if case .again(_, let reason) = self { reason } else { word } }
}
