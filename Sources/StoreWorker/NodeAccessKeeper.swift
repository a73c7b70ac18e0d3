package import Cluster
import JobDispatch
package import Logging
import Provisioning
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Keeps every store open to the nodes, and to the nodes alone, when nodes come and go: one worker at a time looks at the nodes, and when
/// their addresses are others than the last time, at the policy of each store. Whoever begins the role looks at all once, and so does each
/// hour, for what another hand changed.
package struct NodeAccessKeeper: Service {
    private static let wholeLook = Duration.seconds(3_600)

    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    /// What the installation was told instead of finding it out.
    private let told: [String]?
    private let worker: String
    private let interval: Duration
    private let logger: Logger

    package init(
        records: StoreRecords,
        kubernetes: KubernetesClient,
        told: [String]?,
        worker: String,
        interval: Duration = .seconds(20),
        logger: Logger
    ) {
        self.records = records
        self.kubernetes = kubernetes
        self.told = told
        self.worker = worker
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        var known: [String]?
        var lookedAt = ContinuousClock.now
        var isRefused = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let asked = ContinuousClock.now
                if try await records.hold(.nodes, worker: worker, for: interval * 3) {
                    let networks = if let told { told } else { try await kubernetes.nodeNetworks() }
                    if networks != known || .now - lookedAt >= Self.wholeLook {
                        try await open(to: networks, under: LeaderRoleLease(until: asked + interval * 3))
                        (known, lookedAt) = (networks, .now)
                    }
                } else {
                    known = nil
                }
                isRefused = false
            } catch {
                // Known again once all stores were looked at.
                known = nil
                if !isRefused { logger.warning("Stores could not be opened to the nodes", metadata: ["error": "\(error)"]) }
                isRefused = true
            }
            await pause(for: interval)
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
