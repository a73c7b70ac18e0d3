import Postgres
package import StoreDomain

/// A host that a store may be served at in the cluster and that is its own no more, while the store cannot be changed: it failed, or lost
/// something.
package struct StrandedHost: Sendable, Equatable {
    package let store: StoreID
    package let namespace: StoreNamespace
    package let host: DomainName
}

extension StoreRecords {
    package func strandedHosts(limit: Int = 20) async throws -> [StrandedHost] {
        try await pool.query("SELECT store_id, namespace, host FROM stranded_hosts(\(limit))").map {
            StrandedHost(store: try $0["store_id"], namespace: try $0["namespace"], host: try $0["host"])
        }
    }

    /// Holds the store's namespace for `time`; an attempt that wants it waits. `nil`: somebody else has it, or the store can be changed again.
    package func hold(_ stranded: StrandedHost, by holder: String, for time: Duration) async throws -> Fence? {
        let attempt = RandomToken.make()
        let number: Int64? = try await one(
            "SELECT hold_stranded_store(\(stranded.store.rawValue), \(holder), \(attempt), \(time.seconds)) AS fence"
        )["fence"]
        return number.map { Fence(number: $0, attemptID: attempt) }
    }

    /// Notes that the store's Ingress of the host is gone. False: the namespace was lost meanwhile, and nothing was written.
    package func withdraw(_ stranded: StrandedHost, under fence: Fence) async throws -> Bool {
        try await one(
            """
            SELECT withdraw_host(\(stranded.store.rawValue), \(stranded.host.rawValue), \(stranded.namespace.rawValue), \(fence.number),
                                 \(fence.attemptID)) AS is_done
            """
        )["is_done"]
    }
}
