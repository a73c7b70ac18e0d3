package import StoreDomain

/// A worker's wish to begin an attempt at a job. Whoever did not hear the answer asks again with the same one, and gets the same claim.
package struct ClaimRequest: Sendable {
    package let job: JobDescriptor
    /// Random; 32 lower-case hex digits.
    package let attemptID: String

    package init(_ job: JobDescriptor) {
        self.job = job
        attemptID = RandomToken.make()
    }
}

/// A namespace that this worker holds for one attempt at a job.
package struct Claim: Sendable {
    package let descriptor: JobDescriptor
    package let store: Store
    package let fence: Fence
    /// Counts from 1; hand-backs and dead workers do not raise it.
    package let attempt: Int
    /// Whether the store was ever ready: then it is never reinstalled from nothing.
    package let everReady: Bool
    /// The last holder vanished without giving back: wait `LeaseTimes.settle` before acting.
    package let takenOver: Bool
    /// Whether the job's Helm sets fields that another manager has set.
    package let takesOver: Bool
    /// What is known of the values that the chart is installed with.
    package let values: KnownValues
    /// How far an earlier attempt came with what must not be begun twice.
    package let phase: JobPhase?
    /// Of a backup: the row that it fills. Of a restore: what the store is filled with.
    package let backup: BackupID?
    /// Of a backup: the export that is made of it.
    package let export: ArchiveID?
    /// Of a delete: whether a final backup is taken first.
    package let wantsFinalBackup: Bool
    /// Of a retry: whether an empty store may be made in place of what is lost.
    package let recreates: Bool
    /// Since the job could run, by PostgreSQL's clock.
    package let waited: Duration
}

package enum ClaimOutcome: Sendable {
    case claimed(Claim)
    /// Another attempt holds the namespace for at least this long.
    case held(retryAfter: Duration)
    /// The job is to wait for this long.
    case notYet(Duration)
    /// As many jobs of its class run as may.
    case capped(retryAfter: Duration)
    /// An operator paused the queue.
    case paused(retryAfter: Duration)
    /// The job is final or unknown: the queue may forget it. `deadLettered`: why it failed for good.
    case over(deadLettered: String?)
}

package enum Renewal: Sendable, Equatable {
    case held(cancelRequested: Bool)
    case lost
}

/// What a settlement left of the job.
package enum SettledJob: Sendable, Equatable {
    /// It is to be taken again, as this.
    case queued(JobDescriptor)
    /// It is final. `deadLettered`: why it failed for good.
    case over(deadLettered: String?)
}
