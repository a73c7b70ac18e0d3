package import struct Foundation.Date
import Cluster
import StoreDomain

/// What we read of Kubernetes' objects, and nothing else of them: thousands are kept in memory.
/// Names and meanings are those of the Kubernetes API reference.

package struct Metadata: Decodable, Sendable, Equatable {
    package var name: String
    package var namespace: String?
    package var uid: String?
    var creationTimestamp: String?
    var deletionTimestamp: String?
    /// What a pod that is ending has from its deletion on.
    package var deletionGracePeriodSeconds: Int?
    var generation: Int?
    private var labels: Marks?
    private var annotations: Marks?

    package var isTerminating: Bool { deletionTimestamp != nil }
    package var createdAt: Date { JSON.date(creationTimestamp) ?? Date(timeIntervalSince1970: 0) }
    package var storeID: String? { labels?[StoreLabels.storeID] }
    package var component: String? { labels?[StoreLabels.component] }

    /// Whether it is a part of what serves the store, and not of something that runs beside it.
    var isServing: Bool { component.map(StoreLabels.servingComponents.contains) ?? false }

    func annotation(_ key: String) -> String? { annotations?[key] }

    /// Of an object's labels or annotations those that we read; the others would be most of the image.
    private struct Marks: Decodable, Equatable {
        private var values: [String: String] = [:]

        init(from decoder: any Decoder) throws {
            let all = try decoder.singleValueContainer().decode([String: String].self)
            values = all.filter { $0.key.hasPrefix(StoreLabels.domain) || $0.key == StoreLabels.component }
                .mapValues { $0.plain(atMost: 1_000) }
        }

        subscript(key: String) -> String? { values[key] }
    }
}

/// An object that has metadata.
package protocol ClusterObject: Decodable, Sendable, Equatable { var metadata: Metadata { get } }

extension ClusterObject { package var name: String { metadata.name } }

package struct Condition: Decodable, Sendable, Equatable {
    package var type: String
    package var status: String
    @Brief package var reason: String?
    @Brief package var message: String?
}

extension [Condition]? {
    func first(_ type: String, _ status: String) -> Condition? { self?.first { $0.type == type && $0.status == status } }
}

package struct NamespaceObject: ClusterObject {
    package var metadata: Metadata
    private var status: Status?

    private struct Status: Decodable, Equatable { var conditions: [Condition]? }

    /// What keeps a namespace from ending, in Kubernetes' words.
    package var obstacles: [String] { (status?.conditions ?? []).filter { $0.status == "True" }.compactMap(\.message) }
}

package struct Pod: ClusterObject {
    package var metadata: Metadata
    private var spec: Spec?
    package var status: Status?

    private struct Spec: Decodable, Equatable {
        var nodeName: String?
        var initContainers: [Named]?
        var containers: [Named]?

        struct Named: Decodable, Equatable { var name: String }
    }

    package struct Status: Decodable, Sendable, Equatable {
        @Brief package var phase: String?
        @Brief package var reason: String?
        @Brief package var message: String?
        package var conditions: [Condition]?
        var initContainerStatuses: [ContainerStatus]?
        var containerStatuses: [ContainerStatus]?
    }

    package struct ContainerStatus: Decodable, Sendable, Equatable {
        package var name: String
        @Brief package var image: String?
        package var restartCount: Int?
        package var state: State?
        package var lastState: State?

        package struct State: Decodable, Sendable, Equatable {
            package var waiting: Waiting?
            package var terminated: Terminated?
        }
        package struct Waiting: Decodable, Sendable, Equatable {
            @Brief package var reason: String?
            @Brief package var message: String?
        }
        package struct Terminated: Decodable, Sendable, Equatable {
            package var exitCode: Int?
            @Brief package var reason: String?
        }
    }

    /// In the specification's order, init containers first: a kubelet lists what is no init container by name.
    package var containers: [ContainerStatus] {
        let order = (spec?.containers ?? []).map(\.name)
        let main = status?.containerStatuses ?? []
        let sorted = main.sorted { (order.firstIndex(of: $0.name) ?? .max) < (order.firstIndex(of: $1.name) ?? .max) }
        return (status?.initContainerStatuses ?? []) + sorted
    }
    /// The one whose log tells most: an init container that has not come to its end, else the first of the specification.
    package var mainContainer: String? {
        let unfinished = status?.initContainerStatuses?.first { $0.state?.terminated?.exitCode != 0 }
        return unfinished?.name ?? spec?.containers?.first?.name ?? status?.containerStatuses?.first?.name
    }
    package var isReady: Bool { status?.conditions.first("Ready", "True") != nil }
    package var node: String? { spec?.nodeName }
    /// Whether its node fell silent: the cluster takes the pod for not ready while its containers, as last heard of, are; or wants to be
    /// rid of it. `isTold`: the last warning about the pod says so too.
    package func isOnLostNode(isTold: Bool) -> Bool {
        if status?.reason == "NodeLost" { return true }
        if let reason = status?.conditions.first("DisruptionTarget", "True")?.reason {
            return ["DeletionByTaintManager", "DeletionByPodGC"].contains(reason) && !isOver
        }
        return isTold && !isReady && status?.conditions.first("ContainersReady", "True") != nil
    }
    package var isOver: Bool { ["Succeeded", "Failed"].contains(status?.phase) }
    package var restarts: Int { containers.reduce(0) { $0 + ($1.restartCount ?? 0) } }
    /// Why no node takes it.
    package var unschedulable: String? {
        guard let condition = status?.conditions.first("PodScheduled", "False"), condition.reason == "Unschedulable" else { return nil }
        return condition.message ?? "no node has room"
    }
}

/// A Deployment, StatefulSet or ReplicaSet.
package struct Workload: ClusterObject {
    package var metadata: Metadata
    private var spec: Spec?
    private var status: Status?

    private struct Spec: Decodable, Equatable { var replicas: Int? }
    private struct Status: Decodable, Equatable {
        var observedGeneration: Int?
        var replicas: Int?
        var readyReplicas: Int?
        var updatedReplicas: Int?
        var conditions: [Condition]?
    }

    package var wanted: Int { spec?.replicas ?? 1 }
    package var ready: Int { status?.readyReplicas ?? 0 }
    /// How many it has, ready or not, without those that are ending.
    package var pods: Int { status?.replicas ?? 0 }
    /// Whether it has fewer pods than it wants.
    package var lacksPods: Bool { pods < wanted }
    /// All replicas are of the newest template, and ready; none of an older one is left, which would be counted as ready in a new one's place.
    package var isReady: Bool {
        (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) && ready == wanted
            && (status?.updatedReplicas ?? ready) == wanted && (status?.replicas ?? ready) == wanted
    }
    /// Why pods cannot be made, as a Deployment tells it.
    package var replicaFailure: String? { status?.conditions.first("ReplicaFailure", "True")?.message }
    package var isPastDeadline: Bool { status?.conditions.first("Progressing", "False")?.reason == "ProgressDeadlineExceeded" }
    package var engineVersion: String? { metadata.annotation(StoreLabels.engineVersion) }
    package var offersAdminSession: Bool { metadata.annotation(StoreLabels.adminSession) == "true" }
    /// How many products the setup step puts into a new store.
    package var sampleProducts: Int? { metadata.annotation(StoreLabels.sampleProducts).flatMap { Int($0) } }
}

package struct Service: ClusterObject {
    package var metadata: Metadata
    private var spec: Spec?

    private struct Spec: Decodable, Equatable { var ports: [Port]? }
    private struct Port: Decodable, Equatable { var port: Int }

    package var port: Int? { spec?.ports?.first?.port }
}

package struct Ingress: ClusterObject {
    package var metadata: Metadata
    private var spec: Spec?
    private var status: Status?

    private struct Spec: Decodable, Equatable {
        var ingressClassName: String?
        var tls: [Certificate]?

        struct Certificate: Decodable, Equatable { var secretName: String? }
    }
    private struct Status: Decodable, Equatable {
        var loadBalancer: Balancer?

        struct Balancer: Decodable, Equatable { var ingress: [Address]? }
        struct Address: Decodable, Equatable {
            var ip: String?
            var hostname: String?
        }
    }

    package var className: String? { spec?.ingressClassName }
    /// A controller has taken it and says where it is reached.
    package var hasAddress: Bool { status?.loadBalancer?.ingress?.contains { $0.ip != nil || $0.hostname != nil } ?? false }
    /// The Secrets with its certificates.
    package var certificates: [String] { spec?.tls?.compactMap(\.secretName) ?? [] }
}

package struct VolumeClaim: ClusterObject {
    package var metadata: Metadata
    private var status: Status?

    private struct Status: Decodable, Equatable { var phase: String? }

    /// `Pending`, `Bound` or `Lost`.
    package var phase: String { status?.phase ?? "Pending" }
}

package struct ResourceQuota: ClusterObject {
    package var metadata: Metadata
    private var status: Status?

    private struct Status: Decodable, Equatable {
        var hard: [String: String]?
        var used: [String: String]?
    }

    package var hard: [String: String] { status?.hard ?? [:] }
    package var used: [String: String] { status?.used ?? [:] }
}

package struct BatchJob: ClusterObject {
    package var metadata: Metadata
    private var status: Status?

    private struct Status: Decodable, Equatable { var conditions: [Condition]? }

    package var failure: String? { status?.conditions.first("Failed", "True").map { $0.message ?? $0.reason ?? "it failed" } }
}

package struct ClusterEvent: ClusterObject {
    package var metadata: Metadata
    package var type: String?
    @Brief package var reason: String?
    @Brief package var message: String?
    package var involvedObject: Reference?
    private var lastTimestamp: String?
    private var eventTime: String?

    package struct Reference: Decodable, Sendable, Equatable {
        @Brief package var kind: String?
        @Brief package var name: String?
        package var uid: String?
    }

    package var isWarning: Bool { type == "Warning" }
    package var at: Date { JSON.date(lastTimestamp) ?? JSON.date(eventTime) ?? metadata.createdAt }
}
