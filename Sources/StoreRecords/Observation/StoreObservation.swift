import struct Foundation.Date
package import Postgres
package import StoreDomain

/// What the watcher saw of one store at one moment.
package struct StoreObservation: Sendable, Equatable {
    package var store: StoreID
    package var snapshot: NamespaceSnapshot
    /// `nil` says nothing about it: it is too early to tell, or the store is not to serve and not lost.
    package var verdict: HealthVerdict?

    package init(store: StoreID, snapshot: NamespaceSnapshot, verdict: HealthVerdict?) {
        self.store = store
        self.snapshot = snapshot
        self.verdict = verdict
    }
}

/// What PostgreSQL does not take of a store, and why.
package struct RefusedObservation: Sendable {
    package let store: StoreID
    package let error: PostgresError
}

extension StoreObservation {
    /// How the store fares, without what the cluster says of it.
    var withoutDetail: StoreObservation {
        let note = StoreEvent(timestamp: Date(), message: "What the cluster says of this store cannot be recorded.", kind: .warning)
        return StoreObservation(store: store, snapshot: NamespaceSnapshot(events: [note]), verdict: verdict)
    }
}

package struct HealthVerdict: Sendable, Equatable {
    package var state: StoreHealth.State
    /// For people.
    package var cause: String?
    package var drift: StoreHealth.Drift?

    package init(_ state: StoreHealth.State, cause: String? = nil, drift: StoreHealth.Drift? = nil) {
        self.state = state
        self.cause = cause
        self.drift = drift
    }
}

/// The watcher's right to write: the holder's name and the term that it was given.
package struct WatchTerm: Sendable, Equatable {
    package let holder: String
    package let number: Int64

    package init(holder: String, number: Int64) {
        self.holder = holder
        self.number = number
    }
}

/// As much of a store as its watcher needs to know.
package struct WatchedStore: Sendable, Equatable {
    package let id: StoreID
    package let engine: Engine
    package let namespace: StoreNamespace
    package let status: StoreStatus
    /// Whether it is ready, and neither asleep, waking nor being restored: then it is asked how it fares.
    package let isToServe: Bool
    /// Whether it is ready, also asleep, with no attempt at it that makes its namespace: then it is looked at whether that is there.
    package let isToExist: Bool
    package let isDeleted: Bool
}

/// A place in the order of changes. Whoever asks for what changed since gets everything that it may have missed, some of it twice.
package struct ChangeCursor: Sendable, Equatable, CustomStringConvertible {
    /// A transaction number of PostgreSQL; all older ones were over when the cursor was made.
    let transaction: UInt64

    init(transaction: UInt64) { self.transaction = transaction }

    /// `nil` for text that is no cursor.
    package init?(_ text: some StringProtocol) {
        guard let number = UInt64(text), number > 0 else { return nil }
        transaction = number
    }

    package var description: String { String(transaction) }
}
