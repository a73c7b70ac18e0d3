package import JobQueue
package import Logging
package import StoreDomain

/// What the API does once PostgreSQL has accepted: tell Redis, which may be away. The sweep tells it later, then.
package struct AcceptedJobs: Sendable {
    private let queue: JobQueue
    private let logger: Logger

    package init(queue: JobQueue, logger: Logger) {
        self.queue = queue
        self.logger = logger
    }

    /// Never fails: the job is in PostgreSQL.
    package func enqueue(_ ticket: JobTicket, cancelling: [JobID] = []) async {
        do {
            for job in cancelling { _ = try await queue.cancel(job, reason: "the store is to be deleted", deadline: .milliseconds(500)) }
            try await queue.enqueue([ticket], deadline: .milliseconds(500))
        } catch {
            logger.warning("Redis is away: the sweep will queue the job", metadata: ["job": "\(ticket.id)", "error": "\(error)"])
        }
    }
}
