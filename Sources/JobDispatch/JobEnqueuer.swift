import CoreMetrics
package import JobQueue
package import Logging
package import StoreDomain
import ThreadedIO

/// What Redis is told once PostgreSQL has accepted. Redis may be away: the sweep tells it later, then. Nothing here ever fails.
package struct JobEnqueuer: Sendable {
    /// How long a request may wait for Redis in all.
    private static let patience = Duration.milliseconds(500)

    private let queue: JobQueue
    private let logger: Logger
    /// What is accepted at the same time is told in one trip.
    private let enqueues: CallBatcher<JobDescriptor, Void>

    package init(queue: JobQueue, logger: Logger) {
        self.queue = queue
        self.logger = logger
        enqueues = CallBatcher(atMost: JobQueue.batch) { descriptors in
            await Self.tell(of: descriptors.count == 1 ? "job \(descriptors[0].id)" : "\(descriptors.count) jobs", logger) {
                try await queue.enqueue(descriptors, deadline: Self.patience)
            }
            return descriptors.map { _ in }
        }
    }

    /// `cancelling`: jobs that this one supersedes. `replaying`: the dead letter that it repeats.
    package func enqueue(_ descriptor: JobDescriptor, cancelling: [JobID] = [], replaying: JobID? = nil) async {
        if cancelling.isEmpty, replaying == nil {
            // It never throws: Redis's absence is logged, and no answer is missing.
            do { try await enqueues(descriptor) } catch { logger.error("An enqueue was lost", metadata: ["error": "\(error)"]) }
            return
        }
        await tell(of: "job \(descriptor.id)") { [queue] in
            for job in cancelling { _ = try await queue.cancel(job, reason: "the store is to be deleted", deadline: Self.patience) }
            if let replaying { try await queue.forget(replaying) }
            try await queue.enqueue([descriptor], deadline: Self.patience)
        }
    }

    func notifyCancelled(_ job: JobID, reason: String) async {
        await tell(of: "the cancel of job \(job)") { [queue] in
            _ = try await queue.cancel(job, reason: reason, deadline: Self.patience)
        }
    }

    func notifyRunNow(_ descriptor: JobDescriptor) async {
        await tell(of: "the haste of job \(descriptor.id)") { [queue] in
            if try await !queue.runNow(descriptor.id, deadline: Self.patience) {
                try await queue.enqueue([descriptor], deadline: Self.patience)
            }
        }
    }

    /// `reason` nil: the pause is over.
    func notifyPaused(_ reason: String?) async {
        await tell(of: "the pause") { [queue] in
            if let reason { try await queue.pause(reason: reason) } else { try await queue.resume() }
        }
    }

    private func tell(of what: String, _ words: @escaping @Sendable () async throws -> Void) async {
        await Self.tell(of: what, logger, words)
    }

    private static func tell(of what: String, _ logger: Logger, _ words: @escaping @Sendable () async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await words()
                } catch {
                    Counter(label: "storeweaver_redis_unheard_total").increment()
                    logger.warning("Redis is away: the sweep will tell it", metadata: ["what": "\(what)", "error": "\(error)"])
                }
            }
            group.addTask {
                // Also bounds the wait for a connection, which the commands' own deadlines do not.
                do { try await Task.sleep(for: patience) } catch { return }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
