package import Cluster
package import StoreDomain

/// All that is known of a store's namespace, by name.
package struct NamespaceView: Sendable, Equatable {
    package var namespace: NamespaceObject?
    package var pods: [String: Pod] = [:]
    package var deployments: [String: Workload] = [:]
    package var statefulSets: [String: Workload] = [:]
    package var replicaSets: [String: Workload] = [:]
    package var services: [String: Service] = [:]
    package var ingresses: [String: Ingress] = [:]
    package var claims: [String: VolumeClaim] = [:]
    package var jobs: [String: BatchJob] = [:]
    package var quotas: [String: ResourceQuota] = [:]
    package var events: [String: ClusterEvent] = [:]
    /// Secrets with certificates that the Ingress of the store's own host names and that are not there. Only `look` knows: a watcher sees no Secrets.
    package var missingCertificates: [String] = []

    package init() {}

    /// The store's own, without what else runs in the namespace.
    package var workloads: [Workload] { deployments.serving + statefulSets.serving }

    /// The store's own that are neither over nor ending.
    package var livingPods: [Pod] { pods.serving.filter { !$0.metadata.isTerminating && !$0.isOver } }

    package func isReady(component: String, among workloads: [String: Workload]) -> Bool {
        let ours = workloads.values.filter { $0.metadata.component == component }
        return !ours.isEmpty && ours.allSatisfy(\.isReady)
    }

    /// Workloads at their desired replicas, all pods ready.
    package var allReady: Bool {
        !workloads.isEmpty && workloads.allSatisfy(\.isReady) && !livingPods.isEmpty && livingPods.allSatisfy(\.isReady)
    }

    /// All workloads want no pod, and none is left. A pod that is over, as after an eviction, may stay for ever and counts no more.
    package var isAsleep: Bool {
        !workloads.isEmpty && workloads.allSatisfy { $0.wanted == 0 && $0.isReady && $0.pods == 0 } && pods.serving.allSatisfy(\.isOver)
    }

    /// The database runs, and nothing else of the store.
    package var isClosed: Bool {
        let rest = workloads.filter { $0.metadata.component != "database" }
        return isReady(component: "database", among: statefulSets) && !rest.isEmpty
            && rest.allSatisfy { $0.wanted == 0 && $0.isReady && $0.pods == 0 }
            && pods.serving.allSatisfy { $0.metadata.component == "database" || $0.isOver }
    }

    /// What every release has and this namespace has not: somebody took it away. Empty while all is there.
    package var missingParts: [String] {
        var missing: [String] = []
        if !statefulSets.values.contains(where: { $0.metadata.component == "database" }) { missing.append("the database's StatefulSet") }
        if !deployments.values.contains(where: { $0.metadata.component == "app" }) { missing.append("the store's Deployment") }
        if appService == nil { missing.append("the store's Service") }
        if ingresses.serving.isEmpty { missing.append("the Ingress") }
        return missing
    }

    /// How many products the setup step puts into a new store.
    package var sampleProducts: Int { deployments.inOrder.lazy.compactMap(\.sampleProducts).first ?? 0 }

    /// Whether the store's image signs its administrator in by a token.
    package var offersAdminSession: Bool { deployments.values.contains(where: \.offersAdminSession) }

    package var engineVersion: String? { deployments.inOrder.lazy.compactMap(\.engineVersion).first }

    /// What customers reach.
    package var appService: Service? { services.inOrder.first { $0.metadata.component == "app" } }
}

extension NamespaceView {
    /// How many events are kept: of each kind, so that a flood of one does not wash away the other.
    private static let eventLimit = 100

    /// Forgets all but the newest warnings and the newest of the others, once there are twice as many as are kept.
    package mutating func forgetOldEvents() {
        guard events.count > 4 * Self.eventLimit else { return }
        let dated = events.map { (name: $0.key, isWarning: $0.value.isWarning, at: $0.value.at) }.sorted {
            ($0.at, $0.name) > ($1.at, $1.name)
        }
        let kept = [true, false].flatMap { warnings in dated.lazy.filter { $0.isWarning == warnings }.prefix(Self.eventLimit).map(\.name) }
        events = Dictionary(uniqueKeysWithValues: kept.compactMap { name in events[name].map { (name, $0) } })
    }
}

extension Dictionary where Key == String, Value: ClusterObject {
    /// By name: what people see does not jump about.
    package var inOrder: [Value] { values.sorted { $0.name < $1.name } }

    /// Those that serve the store, by name.
    package var serving: [Value] { values.filter(\.metadata.isServing).sorted { $0.name < $1.name } }

    package init(named objects: [Value]) { self.init(objects.map { ($0.name, $0) }) { $1 } }
}

extension NamespaceView {
    /// Reads everything anew, for an attempt that works in the namespace.
    package static func look(at namespace: StoreNamespace, with kubernetes: KubernetesClient) async throws(ClusterError) -> NamespaceView {
        func list<Object: ClusterObject>(_ kind: ObservedKind) async throws(ClusterError) -> [String: Object] {
            Dictionary(named: try await kubernetes.list(kind.path(in: namespace), as: Object.self).items)
        }
        do {
            async let pods: [String: Pod] = list(.pods)
            async let deployments: [String: Workload] = list(.deployments)
            async let statefulSets: [String: Workload] = list(.statefulSets)
            async let replicaSets: [String: Workload] = list(.replicaSets)
            async let services: [String: Service] = list(.services)
            async let ingresses: [String: Ingress] = list(.ingresses)
            async let claims: [String: VolumeClaim] = list(.claims)
            async let jobs: [String: BatchJob] = list(.jobs)
            async let quotas: [String: ResourceQuota] = list(.quotas)
            async let events: [String: ClusterEvent] = list(.events)
            var view = NamespaceView()
            (view.pods, view.deployments, view.statefulSets) = try await (pods, deployments, statefulSets)
            (view.replicaSets, view.services, view.ingresses) = try await (replicaSets, services, ingresses)
            (view.claims, view.jobs, view.quotas, view.events) = try await (claims, jobs, quotas, events)
            for name in view.ingresses.serving.flatMap(\.certificates)
            where try await kubernetes.get("/api/v1/namespaces/\(namespace)/secrets/\(name)") == nil {
                view.missingCertificates.append(name)
            }
            view.forgetOldEvents()
            return view
        } catch let error as ClusterError {
            throw error
        } catch {
            throw ClusterError(code: .cancelled, message: "The namespace was not read: \(error)")
        }
    }
}
