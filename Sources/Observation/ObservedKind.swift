package import StoreDomain
import Cluster

/// The kinds of object that are watched, each by one watch over all namespaces.
package enum ObservedKind: String, Sendable, CaseIterable {
    case namespaces, pods, deployments, statefulSets, replicaSets, services, ingresses, claims, jobs, quotas, events

    /// The collection over all namespaces, of what is ours. Events bear no labels of ours: all are seen, and those of others let go.
    package var path: String {
        switch self {
        case .namespaces: "\(group)/namespaces?labelSelector=\(StoreLabels.managedBy.escaped)%3D\(StoreLabels.manager)"
        case .events: "\(group)/\(resource)"
        default: "\(group)/\(resource)?labelSelector=\(StoreLabels.storeID.escaped)"
        }
    }

    /// All of this kind in one namespace.
    package func path(in namespace: StoreNamespace) -> String { "\(group)/namespaces/\(namespace)/\(resource)" }

    private var resource: String {
        switch self {
        case .claims: "persistentvolumeclaims"
        case .quotas: "resourcequotas"
        default: rawValue.lowercased()
        }
    }

    private var group: String {
        switch self {
        case .deployments, .statefulSets, .replicaSets: "/apis/apps/v1"
        case .ingresses: "/apis/networking.k8s.io/v1"
        case .jobs: "/apis/batch/v1"
        default: "/api/v1"
        }
    }
}

extension String {
    fileprivate var escaped: String { replacing("/", with: "%2F") }
}
