import JobQueue
import Logging
import Observability
import Postgres
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
                    let ending = Transitions.ending(of: outcome, leaseLost: leaseLost, interruption: work.interruption)
                    if case .settle(let settlement) = ending {
                        notes.add("outcome", settlement.outcome)
                        if case .failed(let message, _) = settlement { notes.fail(message) }
                        metrics.ended(settlement.outcome)
                    } else {
                        notes.fail("the lease was lost")
                        metrics.ended("lease-lost")
                    }
                    // The renewals go on until the settlement is written.
                    await end(ending, claim: claim, job: job, lease: lease, logger: logger)
                    group.cancelAll()
                }
            }
        }
    }

    /// Ends the lease as soon as PostgreSQL has the settlement; Redis hears of it afterwards.
    private func end(_ ending: Transitions.Ending, claim: Claim, job: LeasedJob, lease: HeldLease, logger: Logger) async {
        guard case .settle(let settlement) = ending else {
            logger.warning("An attempt lost its lease and is abandoned")
            return
        }
        defer { lease.end("the attempt is over") }
        do {
            let settled = try await settle(claim, as: settlement, while: lease, logger: logger)
            lease.end("the attempt is over")
            logger.info("An attempt ends", metadata: ["outcome": "\(settlement.word)", "job-is": "\(settled)"])
            switch settled {
            case .queued(let requeued):
                let delay = Transitions.delay(after: settlement)
                try await queue.release(job, after: delay, reason: settlement.word, requeued: requeued)
            case .over(let deadLettered):
                try await transitions.finish(job, deadLettered: deadLettered)
            }
        } catch {
            logger.warning("Outcome not recorded everywhere; the sweep will reconcile", metadata: ["error": "\(error)"])
        }
    }

    /// Tries for as long as the lease lasts: PostgreSQL may be away for a moment just now. Words that it refuses it would refuse again: then
    /// the attempt ends without them.
    private func settle(_ claim: Claim, as settlement: Settlement, while lease: HeldLease, logger: Logger) async throws -> SettledJob {
        var settlement = settlement
        while true {
            do {
                return try await transitions.settle(claim, as: settlement)
            } catch let error as LeaseLost {
                throw error
            } catch let error as PostgresError where error.isRefusalOfValues {
                StoreRecords.countRefused("settlement")
                logger.warning("PostgreSQL refuses how an attempt ended", metadata: ["error": "\(error)"])
                guard settlement != settlement.withoutWords else { throw error }
                settlement = settlement.withoutWords
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

extension Settlement {
    /// The same end, without what somebody else's programs said of it.
    fileprivate var withoutWords: Settlement {
        let words = "What was said of it cannot be recorded."
        return switch self {
        case .ready(let url, _, let change):
            .ready(url: url, engineVersion: nil, change: change.map { ChangeFailure(code: $0.code, message: words) })
        case .gone: .gone
        case .failed(_, let permanent): .failed(message: words, permanent: permanent)
        case .release(let delay, _): .release(after: delay, reason: words)
        case .relocate: .relocate(reason: words)
        case .cancelled: .cancelled(reason: words)
        }
    }

    /// For logs and the queue's event stream.
    fileprivate var word: String {
        switch self {
        case .ready: "ready"
        case .gone: "gone"
        case .failed(_, let permanent): permanent ? "failed" : "failed for now"
        case .release(_, let reason): reason
        case .relocate: "relocated"
        case .cancelled: "cancelled"
        }
    }
}
