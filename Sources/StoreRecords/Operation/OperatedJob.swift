package import Foundation
package import StoreDomain

/// A job as operators see it.
package struct OperatedJob: Sendable, Equatable {
    package let id: JobID
    package let store: StoreID
    package let storeName: String
    package let kind: JobKind
    package let jobClass: JobClass
    package let state: JobState
    package let namespace: StoreNamespace
    package let user: String?
    /// Attempts that ended by the job's own doing, the running one included.
    package let attempt: Int
    package let maxAttempts: Int
    /// Workers that vanished while they ran it.
    package let reclaims: Int
    package let runAfter: Date
    package let cancelRequestedAt: Date?
    package let error: String?
    package let worker: String?
    package let fence: Int64?
    package let traceparent: String?
    package let createdAt: Date
    package let startedAt: Date?
    package let finishedAt: Date?
    /// Why its last attempt failed, as a word: `image-pull`.
    package let cause: String?
}

/// One change of a job's state.
package struct JobChange: Sendable, Equatable {
    package let at: Date
    package let from: JobState?
    package let to: JobState
    package let worker: String?
    package let fence: Int64?
    package let attempt: Int
    package let reclaims: Int
    package let error: String?
}

/// Which jobs a list shows, newest first.
package struct JobQuery: Sendable, Equatable {
    package var state: JobState?
    package var kind: JobKind?
    package var store: StoreID?
    package var user: UserID?
    package var worker: String?
    /// Only jobs older than this one: the last of the page before.
    package var before: JobID?
    /// 1…500.
    package var limit: Int

    package init(
        state: JobState? = nil,
        kind: JobKind? = nil,
        store: StoreID? = nil,
        user: UserID? = nil,
        worker: String? = nil,
        before: JobID? = nil,
        limit: Int = 100
    ) {
        self.state = state
        self.kind = kind
        self.store = store
        self.user = user
        self.worker = worker
        self.before = before
        self.limit = min(max(limit, 1), 500)
    }
}

package enum CancelJobOutcome: Sendable, Equatable {
    /// It waited and is final now.
    case cancelled
    /// It runs; its worker is told.
    case asked
    /// It was final already.
    case over(JobState)
    case notFound
}

package enum ReplayOutcome: Sendable, Equatable {
    /// The store's failed work is queued again, as a new job.
    case queued(JobDescriptor)
    /// It did not fail, or the store went on since.
    case notFailed
    case notFound
}

/// What stands in the queue, by PostgreSQL's word.
package struct QueueSummary: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        package let kind: JobKind
        package let jobClass: JobClass
        package let state: JobState
        package let count: Int
        /// When the oldest of them was asked for.
        package let oldest: Date
    }

    package struct User: Sendable, Equatable {
        /// `nil`: jobs of nobody's stores.
        package let user: String?
        package let queued: Int
        package let running: Int
    }

    /// Living jobs by kind, class and state.
    package let lines: [Line]
    /// Users with living jobs, those with the most first, 50 at most.
    package let users: [User]
    /// How many jobs failed for good and are kept.
    package let dead: Int
    package let pause: Pause?
}

/// Why no job is claimed.
package struct Pause: Sendable, Equatable {
    package let at: Date
    package let by: String
    package let reason: String
}

/// A namespace that an attempt holds, or whose holder vanished.
package struct HeldNamespace: Sendable, Equatable {
    package let namespace: StoreNamespace
    package let job: JobID?
    package let worker: String?
    package let fence: Int64
    /// By PostgreSQL's clock; past once the holder vanished.
    package let expiresAt: Date
    package let isOverdue: Bool
}

/// A worker's last report.
package struct ReportedWorker: Sendable, Equatable {
    package let report: WorkerReport
    package let reportedAt: Date
    /// Whether it is to take no more jobs.
    package let isDraining: Bool
}

/// Something in the cluster or in the records without its counterpart.
package struct Orphan: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// A namespace with our label that no living store has.
        case namespace
        /// A store that is ready, without its namespace.
        case store
    }

    package let kind: Kind
    /// The namespace's name.
    package let name: String
    /// For people.
    package let detail: String
    package let firstSeen: Date

    package init(kind: Kind, name: String, detail: String, firstSeen: Date = Date()) {
        self.kind = kind
        self.name = name
        self.detail = detail
        self.firstSeen = firstSeen
    }
}
