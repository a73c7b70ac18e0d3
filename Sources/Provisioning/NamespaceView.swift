import Cluster
import Foundation
import StoreDomain

/// All that a store's namespace holds, at one moment.
struct NamespaceView: Sendable {
    var pods: [JSON] = []
    var deployments: [JSON] = []
    var statefulSets: [JSON] = []
    var replicaSets: [JSON] = []
    var services: [JSON] = []
    var ingresses: [JSON] = []
    var claims: [JSON] = []
    var quotas: [JSON] = []
    var events: [JSON] = []
    var secretNames: [(name: String, createdAt: Date)] = []

    static func look(at namespace: StoreNamespace, with kubernetes: KubernetesClient) async throws -> NamespaceView {
        let core = "/api/v1/namespaces/\(namespace)/"
        let apps = "/apis/apps/v1/namespaces/\(namespace)/"
        async let pods = kubernetes.list(core + "pods")
        async let deployments = kubernetes.list(apps + "deployments")
        async let statefulSets = kubernetes.list(apps + "statefulsets")
        async let replicaSets = kubernetes.list(apps + "replicasets")
        async let services = kubernetes.list(core + "services")
        async let ingresses = kubernetes.list("/apis/networking.k8s.io/v1/namespaces/\(namespace)/ingresses")
        async let claims = kubernetes.list(core + "persistentvolumeclaims")
        async let quotas = kubernetes.list(core + "resourcequotas")
        async let events = kubernetes.list(core + "events")
        async let secrets = kubernetes.list(core + "secrets?fieldSelector=type%3DOpaque")
        return try await NamespaceView(
            pods: pods,
            deployments: deployments,
            statefulSets: statefulSets,
            replicaSets: replicaSets,
            services: services,
            ingresses: ingresses,
            claims: claims,
            quotas: quotas,
            events: events,
            secretNames: secrets.map { ($0.name, $0.createdAt) }
        )
    }

    var livingPods: [JSON] { pods.filter { !$0.isTerminating && !["Succeeded", "Failed"].contains($0["status"]["phase"].string) } }

    func isReady(component: String, in workloads: [JSON]) -> Bool {
        let ours = workloads.filter { $0.label(StoreLabels.component) == component }
        return !ours.isEmpty && ours.allSatisfy(Self.isReady)
    }

    /// Workloads at their desired replicas, all pods ready.
    var isWhole: Bool {
        let workloads = deployments + statefulSets
        return !workloads.isEmpty && workloads.allSatisfy(Self.isReady) && livingPods.allSatisfy(Self.isReadyPod) && !livingPods.isEmpty
    }

    static func isReady(_ workload: JSON) -> Bool {
        let status = workload["status"]
        let wanted = workload["spec"]["replicas"].int ?? 1
        let updated = status["updatedReplicas"].int ?? (workload["kind"].string == "StatefulSet" ? status["readyReplicas"].int : nil) ?? 0
        return (status["observedGeneration"].int ?? 0) >= (workload["metadata"]["generation"].int ?? 0)
            && (status["readyReplicas"].int ?? 0) == wanted && updated == wanted
    }

    static func isReadyPod(_ pod: JSON) -> Bool {
        pod["status"]["conditions"].items.contains { $0["type"].string == "Ready" && $0["status"].string == "True" }
    }

    /// How many products the setup step puts into a new shop.
    var sampleProducts: Int { deployments.lazy.compactMap { $0.annotation(StoreLabels.sampleProducts).flatMap(Int.init) }.first ?? 0 }

    var engineVersion: String? { deployments.lazy.compactMap { $0.annotation(StoreLabels.engineVersion) }.first }
}
