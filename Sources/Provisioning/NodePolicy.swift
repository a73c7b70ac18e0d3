package import Cluster
package import StoreDomain

/// The policy by which a store's web ports admit the nodes, and the nodes alone: Helm makes it, and it follows the nodes afterwards.
package struct NodePolicy: Sendable {
    static let name = "node-access"
    /// Stores that are looked at together.
    private static let batch = 16

    private let kubernetes: KubernetesClient
    private let path: String

    package init(in namespace: String, kubernetes: KubernetesClient) {
        self.kubernetes = kubernetes
        path = "/apis/networking.k8s.io/v1/namespaces/\(namespace)/networkpolicies/\(Self.name)"
    }

    /// Lets it admit these networks and no others. False where there was nothing to change: it did already, or the store has no such
    /// policy. Throws `ClusterError`, `LeaseLost`.
    package func admit(_ networks: [String], under lease: any Lease) async throws -> Bool {
        guard let policy = try await kubernetes.get(path), !policy.isTerminating else { return false }
        let rules = policy["spec"]["ingress"].items
        let admitted = rules.flatMap { $0["from"].items }.compactMap { $0["ipBlock"]["cidr"].string }
        guard admitted.sorted() != networks else { return false }
        _ = try await kubernetes.apply(path, Self.admitting(networks, in: policy), as: "helm", under: lease)
        return true
    }

    /// One look at all stores; how many were changed. One that cannot be changed now does not keep the others: the first error is thrown
    /// at the end.
    package static func admitEverywhere(_ networks: [String], kubernetes: KubernetesClient, under lease: any Lease) async throws -> Int {
        let namespaces = try await kubernetes.ownNamespaces().map(\.name)
        var (changed, failures) = (0, [any Error]())
        for start in stride(from: 0, to: namespaces.count, by: batch) {
            try lease.confirm()
            await withTaskGroup(of: Result<Bool, any Error>.self) { group in
                for namespace in namespaces[start..<min(start + batch, namespaces.count)] {
                    group.addTask {
                        do {
                            return .success(try await NodePolicy(in: namespace, kubernetes: kubernetes).admit(networks, under: lease))
                        } catch { return .failure(error) }
                    }
                }
                for await result in group {
                    switch result {
                    case .success(let isChanged): changed += isChanged ? 1 : 0
                    case .failure(let error): failures.append(error)
                    }
                }
            }
        }
        if let first = failures.first { throw first }
        return changed
    }

    /// The object as Helm applies it, with other peers: applied by Helm's name, it leaves Helm the owner of all its fields, so that the
    /// next release meets no conflict.
    static func admitting(_ networks: [String], in policy: JSON) -> JSON {
        let peers = networks.map { JSON.object(["ipBlock": ["cidr": .string($0)]]) }
        let known = policy["spec"]["ingress"].items.first?["ports"] ?? .null
        // One that admitted nobody names no port; the charts call every web port so.
        let ports: JSON = known.isNull ? [["port": "http", "protocol": "TCP"]] : known
        // A rule without peers would admit everybody.
        let rules: [JSON] = networks.isEmpty ? [] : [.object(["from": .array(peers), "ports": ports])]
        var metadata: [String: JSON] = [:]
        for key in ["name", "namespace", "labels", "annotations"] where !policy["metadata"][key].isNull {
            metadata[key] = policy["metadata"][key]
        }
        var spec = policy["spec"].members
        spec["ingress"] = .array(rules)
        return ["apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": .object(metadata), "spec": .object(spec)]
    }
}
