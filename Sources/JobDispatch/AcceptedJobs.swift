package import JobQueue
package import Logging
package import StoreDomain

/// What the API does once PostgreSQL has accepted: tell Redis, which may be away. The sweep tells it later, then.
package struct AcceptedJobs: Sendable {
    /// How long a request may wait for Redis in all.
    private static let patience = Duration.milliseconds(500)

    private let queue: JobQueue
    private let logger: Logger

    package init(queue: JobQueue, logger: Logger) {
        self.queue = queue
        self.logger = logger
    }

    /// Never fails: the job is in PostgreSQL.
    package func enqueue(_ ticket: JobTicket, cancelling: [JobID] = []) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await tell(ticket, cancelling: cancelling) }
            group.addTask {
                // Also bounds the wait for a connection, which the commands' own deadlines do not.
                do { try await Task.sleep(for: Self.patience) } catch { return }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func tell(_ ticket: JobTicket, cancelling: [JobID]) async {
        do {
            for job in cancelling { _ = try await queue.cancel(job, reason: "the store is to be deleted", deadline: Self.patience) }
            try await queue.enqueue([ticket], deadline: Self.patience)
        } catch {
            logger.warning("Redis is away: the sweep will queue the job", metadata: ["job": "\(ticket.id)", "error": "\(error)"])
        }
    }
}
