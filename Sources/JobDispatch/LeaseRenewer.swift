import JobQueue
import Logging
import StoreDomain
import StoreRecords
import ThreadedIO

/// Renews one attempt's lease: PostgreSQL's first, which decides; then Redis's, which only says when to look again.
struct LeaseRenewer: Sendable {
    let records: StoreRecords
    let queue: JobQueue
    let times: LeaseTimes
    /// A thread that nothing but renewals use.
    let executor: ThreadTaskExecutor
    let logger: Logger

    /// Returns when the lease is lost, by PostgreSQL's word or by the holder's own clock. Ends early when its task is cancelled.
    ///
    /// `wakeup`: wakes when there may be news that a renewal would tell, such as a cancel.
    func run(
        _ claim: Claim,
        job: LeasedJob,
        lease: HeldLease,
        wakeup: WakeupSignal,
        onCancelRequest: @escaping @Sendable () -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: executor) {
                await renew(claim, lease: lease, wakeup: wakeup, onCancelRequest: onCancelRequest)
            }
            // A server that does not answer must not keep the holder from noticing that its time is over.
            group.addTask(executorPreference: executor) { await lease.untilLapsed() }
            group.addTask { await follow(lease, with: job) }
            await group.next()
            group.cancelAll()
        }
        lease.end("no renewal was acknowledged in time")
    }

    private func renew(_ claim: Claim, lease: HeldLease, wakeup: WakeupSignal, onCancelRequest: @Sendable () -> Void) async {
        var next = ContinuousClock.now + times.renewal
        while true {
            await wakeup.wait(until: next)
            if Task.isCancelled { return }
            next = .now + times.renewal
            // Taken before the renewal is sent: what PostgreSQL grants begins no earlier.
            let sentAt = BootClock.now
            do {
                switch try await records.renew(claim, lease: times.lease, deadline: times.renewal) {
                case .lost:
                    lease.end("PostgreSQL gave the namespace to another attempt")
                    return
                case .held(let cancelRequested):
                    lease.renewed(sentAt: sentAt)
                    if cancelRequested { onCancelRequest() }
                }
            } catch {
                if Task.isCancelled { return }
                logger.debug("A renewal was not acknowledged", metadata: ["job": "\(claim.descriptor.id)", "error": "\(error)"])
                // A PostgreSQL that restarts is asked several times within one lease.
                next = .now + times.renewal / 4
            }
        }
    }

    /// Tells Redis of every renewal that PostgreSQL acknowledged, beside the renewals: a Redis that hangs must not delay them.
    /// The claim itself it need not be told: there the lease began when the job was taken.
    private func follow(_ lease: HeldLease, with job: LeasedJob) async {
        for await _ in lease.renewals().dropFirst() {
            do {
                _ = try await queue.renew(job, lease: times.lease, deadline: times.renewal)
            } catch {
                logger.debug("Redis was not told of a renewal", metadata: ["job": "\(job.descriptor.id)", "error": "\(error)"])
            }
        }
    }
}
