import StoreDomain
import StoreRecords

/// What the gate has to say about a host.
struct GateAnswer: Sendable, Equatable {
    enum State: String, Sendable, CaseIterable {
        case asleep
        case starting
        case changing
        case unavailable
        case unknown
    }

    let state: State
    /// `nil` where nothing is known of a store.
    let name: StoreName?

    /// PostgreSQL could not be asked: the host may be anything.
    static let undecided = GateAnswer(state: .unavailable, name: nil)
    static let unknown = GateAnswer(state: .unknown, name: nil)

    private init(state: State, name: StoreName?) {
        self.state = state
        self.name = name
    }

    init(_ store: HostedStore?) {
        guard let store, let state = State.of(store) else {
            self = .unknown
            return
        }
        self.init(state: state, name: store.name)
    }
}

extension GateAnswer.State {
    /// A store that is ready and awake got here since it has no pod that is ready. `nil`: a store that is going away is no longer there.
    fileprivate static func of(_ store: HostedStore) -> Self? {
        switch (store.status, store.activity) {
        case (.deleting, _): nil
        case (.provisioning, _), (.ready, .waking): .starting
        case (.failed, _): .unavailable
        case (.ready, .fallingAsleep): .asleep
        // A backup changes nothing of a store, also of one that sleeps.
        case (.ready, nil), (.ready, .backingUp): store.isAsleep ? .asleep : .unavailable
        case (.ready, .some): .changing
        }
    }
}
