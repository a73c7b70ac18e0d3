package import Cluster
import JobDispatch
package import Logging
import Provisioning
import ServiceLifecycle
import StoreDomain
package import StoreRecords
import Synchronization

/// Keeps every store open to the nodes, and to the nodes alone, when nodes come and go: one worker at a time looks at the nodes, and when
/// their addresses are others than the last time, at the policy of each store. Whoever begins the role looks at all once, and so does each
/// hour, for what another hand changed.
package struct NodeAccessKeeper: Service {
    private static let wholeLook = Duration.seconds(3_600)

    private let kubernetes: KubernetesClient
    /// What the installation was told instead of finding it out.
    private let told: [String]?
    private let turns: Turns
    private let logger: Logger

    package init(
        records: StoreRecords,
        kubernetes: KubernetesClient,
        told: [String]?,
        worker: String,
        interval: Duration = .seconds(20),
        logger: Logger
    ) {
        self.kubernetes = kubernetes
        self.told = told
        turns = Turns(.nodes, records: records, worker: worker, every: interval, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        let looked = Mutex((networks: [String](), at: ContinuousClock.now))
        await turns.take(failure: "Stores could not be opened to the nodes", isToldOnce: true) { turn in
            let networks = if let told { told } else { try await kubernetes.nodeNetworks() }
            let last = looked.withLock { $0 }
            if turn.isFirst || networks != last.networks || .now - last.at >= Self.wholeLook {
                try await open(to: networks, under: LeaderRoleLease(until: turn.until))
                looked.withLock { $0 = (networks, .now) }
            }
            return nil
        }
    }

    private func open(to networks: [String], under lease: any Lease) async throws {
        let changed = try await NodePolicy.admitEverywhere(networks, kubernetes: kubernetes, under: lease)
        guard changed > 0 else { return }
        logger.notice("Stores were opened to the nodes", metadata: ["stores": "\(changed)", "networks": "\(networks.count)"])
    }
}

/// The time for which a role is held; no attempt's, and no Helm runs under it.
private struct LeaderRoleLease: Lease {
    let until: ContinuousClock.Instant
    let fence = Fence(number: 0, attemptID: "00000000000000000000000000000000")

    func renewals() -> AsyncStream<UInt64> { AsyncStream { $0.finish() } }

    func confirm() throws(LeaseLost) {
        guard ContinuousClock.now < until else { throw LeaseLost(reason: "the role's time is over") }
    }
}
