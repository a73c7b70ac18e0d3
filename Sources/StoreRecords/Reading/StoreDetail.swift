package import StoreDomain

/// A store with what a worker last saw of it.
package struct StoreDetail: Sendable {
    package var store: Store
    /// `nil` before the first worker looked.
    package var snapshot: NamespaceSnapshot?
    /// What workers did, oldest first, at most the last 100; the cluster's own events are in the snapshot.
    package var events: [StoreEvent]
    /// The store's newest job.
    package var job: JobSummary?
}

package struct JobSummary: Sendable, Equatable {
    package var id: JobID
    package var kind: JobKind
    package var state: JobState
    /// Attempts so far, from 0.
    package var attempt: Int
    package var error: String?
}

/// How many stores count toward the quotas.
package struct StoreUsage: Sendable, Equatable {
    /// The user's; 0 for a caller without a name.
    package var user: Int
    package var total: Int

    package init(user: Int, total: Int) {
        self.user = user
        self.total = total
    }
}

/// What live workers last reported.
package struct PlatformHealth: Sendable, Equatable {
    package var kubernetes: Bool
    package var helm: Bool
    /// How many workers reported lately.
    package var workers: Int
}
