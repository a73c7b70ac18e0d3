package import struct Foundation.Date

/// How a store fares after it became ready.
package struct StoreHealth: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case healthy
        /// It is not as it should be: the cause says why.
        case degraded
        /// Nobody can say: the cluster cannot be seen.
        case unknown
    }

    /// What another hand took away.
    package enum Drift: String, Sendable, CaseIterable {
        /// With it the volumes: the store is lost.
        case namespace
        /// The workloads of the release. A retry makes them anew.
        case release
    }

    package var state: State
    package var since: Date
    /// For people; set unless it is healthy.
    package var cause: String?
    package var drift: Drift?

    package init(state: State, since: Date, cause: String? = nil, drift: Drift? = nil) {
        self.state = state
        self.since = since
        self.cause = cause
        self.drift = drift
    }
}

/// A change of a store's health; `nil` where it had or has none.
package struct HealthChange: Sendable, Equatable {
    package var at: Date
    package var from: StoreHealth.State?
    package var to: StoreHealth.State?
    package var cause: String?

    package init(at: Date, from: StoreHealth.State?, to: StoreHealth.State?, cause: String?) {
        self.at = at
        self.from = from
        self.to = to
        self.cause = cause
    }
}
