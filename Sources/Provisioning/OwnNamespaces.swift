package import Cluster

/// A namespace that carries our label.
package struct OwnNamespace: Sendable, Equatable {
    package let name: String
    /// What its label says; another hand may have changed it.
    package let storeID: String?
}

extension KubernetesClient {
    /// Every namespace with our label that is not on its way out.
    package func ownNamespaces() async throws(ClusterError) -> [OwnNamespace] {
        try await list("/api/v1/namespaces?labelSelector=app.kubernetes.io/managed-by%3D\(StoreLabels.manager)")
            .filter { $0["metadata"]["deletionTimestamp"].string == nil }
            .compactMap { object in
                object["metadata"]["name"].string.map { OwnNamespace(name: $0, storeID: object.label(StoreLabels.storeID)) }
            }
    }
}
