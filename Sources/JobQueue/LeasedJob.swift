package import StoreDomain

/// A job that this worker may try to claim in PostgreSQL; Redis keeps it and its namespace for the lease's time.
package struct LeasedJob: Sendable, Equatable {
    package let descriptor: JobDescriptor
    package let worker: String
    /// Tells this taking apart from any other of the same job.
    package let token: String

    package init(descriptor: JobDescriptor, worker: String, token: String) {
        self.descriptor = descriptor
        self.worker = worker
        self.token = token
    }
}

/// A taken job that is final in PostgreSQL.
package struct FinishedJob: Sendable, Equatable {
    package let job: LeasedJob
    /// Why it failed for good, and is kept among the dead letters; `nil`: it is forgotten.
    package let deadLettered: String?

    package init(job: LeasedJob, deadLettered: String? = nil) {
        self.job = job
        self.deadLettered = deadLettered
    }

    /// As finish.lua takes them.
    var fields: [String] { [job.descriptor.id.description, job.token, deadLettered ?? ""] }
}

package enum TakeOutcome: Sendable, Equatable {
    /// One at least, first things first.
    case taken([LeasedJob])
    /// Nothing may run now; the first delayed job is due, or the first lease lapses, after this long (`nil`: there is neither).
    case empty(nextDue: Duration?)
    /// As many jobs run as may of each class that has any in line.
    case capped(nextDue: Duration?)
    case paused(reason: String)
}

package enum QueueRenewal: String, Sendable {
    case held
    /// Somebody asked for an end; PostgreSQL has the word on it.
    case cancel
    /// This taking is over here, or another worker has the job or its namespace. PostgreSQL has the word on that, too.
    case lost
}

package enum CancelOutcome: String, Sendable {
    case removed
    case running
    case unknown
}

/// Why a job waits.
package struct QueuePosition: Sendable, Equatable {
    package enum State: String, Sendable {
        case ready
        /// It waits for a worker that knows its kind.
        case apart
        case delayed
        case parked
        case running
        /// A dead letter.
        case dead
    }

    package let state: State
    /// How many jobs stand before it; `nil` unless it is ready.
    package let ahead: Int?
    /// The job that holds its namespace.
    package let blockedBy: JobID?
}

/// How many jobs are where.
package struct QueueDepth: Sendable, Equatable {
    package let ready: Int
    /// Of kinds that a worker did not know; workers that do take them in their turn.
    package let apart: Int
    package let delayed: Int
    package let running: Int
    /// Of those that run.
    package let interactive: Int
    package let background: Int
    /// Dead letters that are kept.
    package let dead: Int

    package init(
        ready: Int = 0,
        apart: Int = 0,
        delayed: Int = 0,
        running: Int = 0,
        interactive: Int = 0,
        background: Int = 0,
        dead: Int = 0
    ) {
        self.ready = ready
        self.apart = apart
        self.delayed = delayed
        self.running = running
        self.interactive = interactive
        self.background = background
        self.dead = dead
    }
}
