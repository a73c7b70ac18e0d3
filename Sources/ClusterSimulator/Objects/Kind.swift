/// The kinds of object that the simulator serves, named as RBAC names them: resource, then group.
enum Kind: String, CaseIterable, Sendable {
    case namespaces, pods, services, endpoints, configmaps, secrets, events, nodes
    case persistentvolumes, persistentvolumeclaims, resourcequotas, limitranges, serviceaccounts
    case deployments = "deployments.apps"
    case replicasets = "replicasets.apps"
    case statefulsets = "statefulsets.apps"
    case daemonsets = "daemonsets.apps"
    case jobs = "jobs.batch"
    case cronjobs = "cronjobs.batch"
    case ingresses = "ingresses.networking.k8s.io"
    case ingressclasses = "ingressclasses.networking.k8s.io"
    case networkpolicies = "networkpolicies.networking.k8s.io"
    case poddisruptionbudgets = "poddisruptionbudgets.policy"
    case roles = "roles.rbac.authorization.k8s.io"
    case rolebindings = "rolebindings.rbac.authorization.k8s.io"
    case clusterroles = "clusterroles.rbac.authorization.k8s.io"
    case clusterrolebindings = "clusterrolebindings.rbac.authorization.k8s.io"
    case horizontalpodautoscalers = "horizontalpodautoscalers.autoscaling"
    case storageclasses = "storageclasses.storage.k8s.io"

    /// The plural by which paths name it.
    var resource: String { String(rawValue.prefix { $0 != "." }) }

    /// The API group; empty for the core group.
    var group: String { String(rawValue.drop { $0 != "." }.dropFirst()) }

    var version: String { self == .horizontalpodautoscalers ? "v2" : "v1" }

    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The name in `kind:` of a manifest.
    var name: String { facts.name }

    var isNamespaced: Bool { !facts.isClusterWide }

    var shortNames: [String] { facts.shortNames }

    var hasStatus: Bool { facts.hasStatus }

    /// Whether `kubectl get all` shows it.
    var isInAll: Bool { facts.isInAll }

    init?(group: String, version: String, resource: String) {
        self.init(rawValue: group.isEmpty ? resource : "\(resource).\(group)")
        guard version == self.version else { return nil }
    }

    init?(apiVersion: String, name: String) {
        guard let kind = Kind.allCases.first(where: { $0.name == name && $0.apiVersion == apiVersion }) else { return nil }
        self = kind
    }

    static let groups: [String] = Array(Set(allCases.map(\.group))).sorted()
}
