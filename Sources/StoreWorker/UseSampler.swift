package import Cluster
import JobDispatch
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Notes what runs in the stores' namespaces really uses, where the cluster measures it (metrics.k8s.io). One worker at a time does it.
package struct UseSampler: Service {
    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let turns: Turns

    package init(records: StoreRecords, kubernetes: KubernetesClient, worker: String, interval: Duration, logger: Logger) {
        self.records = records
        self.kubernetes = kubernetes
        turns = Turns(.use, records: records, worker: worker, every: interval, logger: logger)
    }

    package func run() async throws {
        await turns.take(failure: "What stores use could not be noted", at: .debug) { try await sample() }
    }

    /// Throws `ClusterError`, or what the records throw.
    package func sample() async throws {
        let pods = try await measuredPods()
        try await records.noteUse(pods.map { Self.uses(of: $0) })
    }

    /// Of stores' pods alone: a metrics server gives all that it has in one answer.
    private static let path = "/apis/metrics.k8s.io/v1beta1/pods?labelSelector=\(StoreLabels.storeID.replacing("/", with: "%2F"))"

    /// `nil`: there is no metrics server, or it is not for us, or not up. That is no fault of the installation's.
    private func measuredPods() async throws(ClusterError) -> [PodMetrics]? {
        do throws(ClusterError) {
            return try await kubernetes.list(Self.path, as: PodMetrics.self).items
        } catch {
            switch error.code {
            case .status(403), .status(404), .status(503): return nil
            default: throw error
            }
        }
    }

    static func uses(of pods: [PodMetrics]) -> [NamespaceUse] {
        var uses: [String: NamespaceUse] = [:]
        for pod in pods {
            let namespace = pod.metadata.namespace ?? ""
            for container in pod.containers ?? [] {
                func used(_ name: String) -> ResourceQuantity? { container.usage?[name].flatMap { ResourceQuantity($0) } }
                uses[namespace, default: NamespaceUse(namespace: namespace, cpuMillis: 0, memoryBytes: 0)]
                    .add(cpuMillis: used("cpu")?.thousandths ?? 0, memoryBytes: used("memory")?.whole ?? 0)
            }
        }
        return uses.values.sorted { $0.namespace < $1.namespace }
    }
}

extension NamespaceUse {
    /// What is beyond any measure counts as the most there can be: it comes from outside.
    fileprivate mutating func add(cpuMillis: Int, memoryBytes: Int) {
        let most = 1 << 50
        self.cpuMillis = min(most, self.cpuMillis + min(most, cpuMillis))
        self.memoryBytes = min(most, self.memoryBytes + min(most, memoryBytes))
    }
}

/// Of a pod's metrics, what matters here.
struct PodMetrics: Decodable, Sendable {
    struct Metadata: Decodable { var namespace: String? }
    struct Container: Decodable { var usage: [String: String]? }
    var metadata: Metadata
    var containers: [Container]?
}
