package import Cluster
import JobDispatch
package import Logging
package import Provisioning
import ServiceLifecycle
package import StoreRecords

/// Compares the cluster's namespaces with the records, one worker at a time, and writes down what has no counterpart. It deletes nothing.
package struct OrphanFinder: Service {
    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let turns: Turns
    private let logger: Logger

    package init(
        records: StoreRecords,
        kubernetes: KubernetesClient,
        worker: String,
        interval: Duration = .seconds(60),
        logger: Logger
    ) {
        self.records = records
        self.kubernetes = kubernetes
        turns = Turns(.orphans, records: records, worker: worker, every: interval, holding: 2, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Orphans could not be looked for", at: .debug) { try await look() }
    }

    /// Namespaces of ours that no store has, and those of ready stores that are gone. Cluster and records are each read twice, in turns: a store is
    /// in the records before its namespace is made and until it is gone, so that one which is made or deleted meanwhile is no orphan.
    package static func compare(
        _ kubernetes: KubernetesClient,
        with records: StoreRecords
    ) async throws -> (orphans: [OwnNamespace], missing: [String]) {
        let before = try await kubernetes.ownNamespaces()
        let expected = try await records.expectedNamespaces()
        let namespaces = try await kubernetes.ownNamespaces()
        let ready = try await records.expectedNamespaces().ready.intersection(expected.ready)
        return (
            namespaces.filter { before.contains($0) && !expected.living.contains($0.name) },
            ready.subtracting(namespaces.map(\.name)).sorted()
        )
    }

    private func look() async throws {
        let (orphans, missing) = try await Self.compare(kubernetes, with: records)
        let namespaces = orphans.map {
            Orphan(
                kind: .namespace,
                name: $0.name,
                detail: "A namespace of ours that no store has; its label names store \($0.storeID ?? "none")."
            )
        }
        let stores = missing.map {
            Orphan(
                kind: .store,
                name: $0,
                detail: "A store that is ready, but its namespace is gone. Restore it from a backup, or recreate it, empty."
            )
        }
        let found = namespaces + stores
        if !found.isEmpty { logger.warning("Orphans were found", metadata: ["names": "\(found.map(\.name))"]) }
        try await records.record(found)
    }
}
