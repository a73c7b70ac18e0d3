import JobQueue
import Logging
import StoreDomain
import StoreRecords

/// Renews one attempt's lease: PostgreSQL's first, which decides; then Redis's, which only says when to look again.
struct Heartbeat: Sendable {
    let records: StoreRecords
    let queue: JobQueue
    let times: LeaseTimes
    let logger: Logger

    /// Returns when the lease is lost, by PostgreSQL's word or by the holder's own clock. Ends early when its task is cancelled.
    func run(_ claim: Claim, job: TakenJob, lease: HeldLease, onCancelRequest: () -> Void) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: times.beat) } catch { return }
            // Taken before the renewal is sent: what PostgreSQL grants begins no earlier.
            let sentAt = BootClock.now
            do {
                switch try await records.renew(claim, lease: times.lease, deadline: times.beat) {
                case .lost:
                    lease.end("PostgreSQL gave the namespace to another attempt")
                    return
                case .held(let cancelRequested):
                    lease.renewed(sentAt: sentAt)
                    if cancelRequested { onCancelRequest() }
                }
                _ = try await queue.renew(job, lease: times.lease)
            } catch {
                if Task.isCancelled { return }
                logger.debug("A beat was not acknowledged", metadata: ["job": "\(claim.ticket.id)", "error": "\(error)"])
            }
            if lease.hasLapsed {
                lease.end("no renewal was acknowledged in time")
                return
            }
        }
    }
}
