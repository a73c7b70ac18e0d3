import Cluster

/// The rights that a worker gives itself in a store's namespace: those of a ClusterRole, bound to its service account there and
/// nowhere else. So it has no rights over all namespaces but to make and watch them.
package struct NamespaceAccess: Sendable, Equatable {
    /// What the RoleBinding is called.
    static let bindingName = "store-worker"

    /// The ClusterRole's name; the worker's account must have the verb `bind` for it.
    package let clusterRole: String
    /// Of the service account that the workers run as.
    package let accountNamespace: String
    package let accountName: String

    /// `account`: `namespace/name`; `nil` unless both are names of Kubernetes and the role has one too.
    package init?(clusterRole: String, account: String) {
        let parts = account.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !clusterRole.isEmpty, !clusterRole.contains("/"), parts.allSatisfy(Self.isName) else { return nil }
        self.clusterRole = clusterRole
        accountNamespace = parts[0]
        accountName = parts[1]
    }

    /// A DNS-1123 subdomain.
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                guard let first = label.utf8.first, let last = label.utf8.last, first != 0x2d, last != 0x2d else { return false }
                return label.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d }
            }
    }

    func binding(labels: [String: JSON], attempt: String) -> JSON {
        [
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": [
                "name": .string(Self.bindingName), "labels": .object(labels), "annotations": [StoreLabels.attempt: .string(attempt)],
            ],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(clusterRole)],
            "subjects": [["kind": "ServiceAccount", "namespace": .string(accountNamespace), "name": .string(accountName)]],
        ]
    }
}
