import Cluster
import StoreDomain

/// The store's namespace and Secrets.
extension StoreAttempt {
    mutating func createNamespace() async throws {
        var labels = StoreSecrets.labels(of: store)
        for mode in ["enforce", "audit", "warn"] { labels["pod-security.kubernetes.io/" + mode] = "restricted" }
        let annotations: [String: JSON] = [
            StoreLabels.attempt: .string(lease.fence.description), StoreLabels.storeName: .string(store.name.rawValue),
            StoreLabels.owner: .string(store.owner?.rawValue ?? ""),
        ]
        try await toleratingConflict {
            _ = try await kubernetes.create(
                "/api/v1/namespaces",
                [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": ["name": .string(namespace), "labels": .object(labels), "annotations": .object(annotations)],
                ],
                under: lease
            )
        }
        try await complete(.namespaceCreated)
    }

    mutating func createSecrets() async throws {
        try await complete(.namespaceCreated)
        for name in StoreSecrets.names(of: store) {
            let secret = StoreSecrets.object(name, of: store, by: lease.fence)
            try await toleratingConflict { _ = try await kubernetes.create(namespacePath + "/secrets", secret, under: lease) }
            // One that was there before is taken over only when it was made for this store.
            guard let present = try await kubernetes.get(namespacePath + "/secrets/" + name), !present.belongs(to: store) else { continue }
            throw ClusterError(
                code: .foreign,
                message: "The Secret \(name) in namespace \(namespace) was not made for this store. Remove it, then retry."
            )
        }
        try await complete(.secretsGenerated)
    }
}
