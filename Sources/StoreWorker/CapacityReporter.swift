package import Cluster
import JobDispatch
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Notes what the cluster's nodes can bear and what all pods have reserved of it. One worker at a time does it.
package struct CapacityReporter: Service {
    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let turns: Turns

    package init(records: StoreRecords, kubernetes: KubernetesClient, worker: String, interval: Duration = .seconds(30), logger: Logger) {
        self.records = records
        self.kubernetes = kubernetes
        turns = Turns(.capacity, records: records, worker: worker, every: interval, holding: 4, logger: logger)
    }

    package func run() async throws {
        // A worker that may not see the nodes would say so each time; doctor tells that nobody has seen them.
        await turns.take(failure: "The nodes' capacity could not be noted", at: .debug) { try await report() }
    }

    /// Throws `ClusterError`, or what the records throw.
    package func report() async throws {
        let nodes = try await kubernetes.list("/api/v1/nodes", as: NodeObject.self).items
        let pods = try await kubernetes.list("/api/v1/pods", as: PodObject.self).items
        try await records.note(Self.capacity(of: nodes, with: pods))
    }

    static func capacity(of nodes: [NodeObject], with pods: [PodObject]) -> ClusterCapacity {
        var reserved: [String: ClusterCapacity.Amounts] = [:]
        for pod in pods where !pod.isOver { reserved[pod.spec.nodeName ?? "", default: .init()] += pod.spec.reserves }
        let found = nodes.map { node in
            ClusterCapacity.Node(
                name: node.metadata.name,
                takesPods: node.takesPods,
                allocatable: amounts(node.status?.allocatable),
                reserved: reserved[node.metadata.name] ?? .init()
            )
        }
        return ClusterCapacity(nodes: found.sorted { $0.name < $1.name }, waiting: reserved[""] ?? .init())
    }

    fileprivate static func amounts(_ quantities: [String: String]?) -> ClusterCapacity.Amounts {
        func quantity(_ name: String) -> ResourceQuantity? { quantities?[name].flatMap { ResourceQuantity($0) } }
        return .init(cpu: quantity("cpu")?.thousandths ?? 0, memory: quantity("memory")?.whole ?? 0, pods: quantity("pods")?.whole ?? 0)
    }
}

/// Of a node, what matters here.
struct NodeObject: Decodable, Sendable {
    struct Metadata: Decodable { var name: String }
    struct Spec: Decodable {
        struct Taint: Decodable { var effect: String? }
        var unschedulable: Bool?
        var taints: [Taint]?
    }
    struct Status: Decodable {
        struct Condition: Decodable { var type, status: String }
        var allocatable: [String: String]?
        var conditions: [Condition]?
    }
    var metadata: Metadata
    var spec: Spec?
    var status: Status?

    /// Pods of stores tolerate no taint that keeps pods away.
    var takesPods: Bool {
        spec?.unschedulable != true && spec?.taints?.contains { $0.effect == "NoSchedule" || $0.effect == "NoExecute" } != true
            && status?.conditions?.contains { $0.type == "Ready" && $0.status == "True" } == true
    }
}

/// Of a pod, what matters here.
struct PodObject: Decodable, Sendable {
    struct Spec: Decodable {
        struct Container: Decodable {
            struct Resources: Decodable { var requests: [String: String]? }
            var resources: Resources?
            var restartPolicy: String?

            var requests: ClusterCapacity.Amounts { CapacityReporter.amounts(resources?.requests) }
        }
        var nodeName: String?
        var containers: [Container]
        var initContainers: [Container]?
        var overhead: [String: String]?

        /// As the scheduler counts it: all containers together, or an init container that needs more, which runs beside the sidecars
        /// before it.
        var reserves: ClusterCapacity.Amounts {
            var (sidecars, most) = (ClusterCapacity.Amounts(), ClusterCapacity.Amounts())
            for container in initContainers ?? [] {
                var needs = container.requests
                needs += sidecars
                (most.cpu, most.memory) = (max(most.cpu, needs.cpu), max(most.memory, needs.memory))
                if container.restartPolicy == "Always" { sidecars = needs }
            }
            var all = containers.reduce(into: sidecars) { $0 += $1.requests }
            (all.cpu, all.memory) = (max(all.cpu, most.cpu), max(all.memory, most.memory))
            all += CapacityReporter.amounts(overhead)
            all.pods = 1
            return all
        }
    }
    struct Status: Decodable { var phase: String? }
    var spec: Spec
    var status: Status?

    /// It ended, and reserves nothing any more.
    var isOver: Bool { status?.phase == "Succeeded" || status?.phase == "Failed" }
}
