package import struct Foundation.Date
package import StoreDomain

/// A store with what workers last saw of it.
package struct StoreDetail: Sendable {
    package var store: Store
    /// `nil` before the watcher looked.
    package var snapshot: ClusterView?
    /// `nil` before the release was installed.
    package var release: ReleaseRecord?
    /// What workers did, oldest first, at most the last 100; the cluster's own events are in the snapshot.
    package var events: [StoreEvent]
    /// The store's newest job that is no backup.
    package var job: JobSummary?
}

/// What the watcher last saw of a store in the cluster, as much of it as people are shown beside the store's own fields.
package struct ClusterView: Sendable, Equatable {
    package var resources: [ResourceSummary]
    package var events: [StoreEvent]
    package var quotas: QuotaUsage
    package var volumes: [VolumeUsage]

    package init(resources: [ResourceSummary], events: [StoreEvent], quotas: QuotaUsage, volumes: [VolumeUsage] = []) {
        self.resources = resources
        self.events = events
        self.quotas = quotas
        self.volumes = volumes
    }
}

/// How far a store is, for who waits for it.
package struct StoreState: Sendable, Equatable {
    package var id: StoreID
    package var status: StoreStatus
    /// Set when the store became ready.
    package var url: String?
    package var errorMessage: String?
}

/// Why a queued job does not run yet.
package enum WaitingReason: Sendable, Equatable {
    /// An operator paused the queue.
    case paused(reason: String)
    /// It is tried again then; the last attempt failed.
    case retryAt(Date)
    /// Another job works on the same store.
    case namespaceBusy
    /// No worker reported within the last 30 seconds.
    case noWorker
    /// So many others are before it. `seconds`: until its turn, at the pace of the last hour; `nil` where no job ended in it.
    case queue(ahead: Int, seconds: Int?)
    /// Nothing is before it: a worker takes it as soon as one is free.
    case slot
}

package struct JobSummary: Sendable, Equatable {
    package var id: JobID
    package var kind: JobKind
    package var state: JobState
    /// Attempts so far, from 0.
    package var attempt: Int
    package var error: String?
    /// `nil` unless it is queued.
    package var waiting: WaitingReason?
}

/// How many stores count toward the quotas.
package struct StoreUsage: Sendable, Equatable {
    /// The user's; 0 for a caller without a name.
    package var user: Int
    package var total: Int
    /// How many the user may have.
    package var userLimit: Int
    /// Units of the user's plans, a half rounded up.
    package var units: Int
    /// How many the user may have.
    package var unitLimit: Int

    package init(user: Int, total: Int, userLimit: Int, units: Int, unitLimit: Int) {
        self.user = user
        self.total = total
        self.userLimit = userLimit
        self.units = units
        self.unitLimit = unitLimit
    }
}

/// What live workers last reported.
package struct PlatformHealth: Sendable, Equatable {
    package var kubernetes: Bool
    package var helm: Bool
    /// How many workers reported lately.
    package var workers: Int
}
