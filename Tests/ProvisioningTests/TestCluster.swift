import Cluster
import ClusterSimulator
import Foundation
import Observation
import StoreDomain
import TestSupport

@testable import Provisioning

/// A simulated cluster of a test's own, and a provisioner with the real Helm, helm-guard and chart in front of it.
struct TestCluster: Sendable {
    let simulator: Simulator
    let kubernetes: KubernetesClient
    let provisioner: Provisioner
    let store: Store
    let lease = TestLease()

    var namespacePath: String { "/api/v1/namespaces/\(store.namespace)" }

    func run(_ desired: DesiredState, everReady: Bool = false, isRetry: Bool = false, _ notes: Notes = Notes()) async throws
        -> AttemptOutcome
    {
        try await provisioner.run(store, desired: desired, everReady: everReady, isRetry: isRetry, lease: lease, journal: notes)
    }

    /// How many pods were deleted by name, by whomever.
    func replacedPods() async throws -> Int { try await changes().filter { $0.hasPrefix("DELETE \(namespacePath)/pods/") }.count }

    /// What the cluster was asked that changes it, in order: `POST /api/…`; not what the store behind the service proxy was.
    func changes() async throws -> [String] {
        try await changingRequests().map { "\($0["method"].string ?? "") \($0["path"].string ?? "")" }
    }

    func changingRequests() async throws -> [JSON] {
        try await requests().filter { $0["method"].string != "GET" && $0["path"].string?.contains("/proxy") != true }
    }

    /// The latest 2,000, as the simulator's log has them.
    func requests() async throws -> [JSON] { try await kubernetes.get("/simulator/requests?limit=2000")?["requests"].items ?? [] }

    /// The same, with a provisioner that was told otherwise.
    func with(_ change: (inout ProvisioningSettings) -> Void) -> TestCluster {
        var settings = provisioner.settings
        change(&settings)
        let other = Provisioner(kubernetes: kubernetes, helm: provisioner.helm, settings: settings)
        return TestCluster(simulator: simulator, kubernetes: kubernetes, provisioner: other, store: store)
    }

    /// As another party does, in the store's namespace or beside it.
    func create(_ collection: String, _ kind: String, _ name: String, labels: [String: JSON] = [:]) async throws -> JSON {
        try await kubernetes.create(
            collection,
            ["apiVersion": "v1", "kind": .string(kind), "metadata": ["name": .string(name), "labels": .object(labels)]],
            under: TestLease()
        )
    }

    static func with(limit: Duration = .seconds(60), _ body: @Sendable @escaping (TestCluster) async throws -> Void) async throws {
        var configuration = SimulatorConfiguration()
        configuration.delays = Delays(speed: 20)
        try await withSimulator(configuration) { simulator in
            let folder = FileManager.default.temporaryDirectory.appending(path: "provisioner-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let kubeconfig = folder.appending(path: "kubeconfig").path
            try await simulator.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
            let kubernetes = try KubernetesClient(configuration: KubernetesConfiguration(kubeconfig: kubeconfig))
            let helm = HelmClient(
                configuration: .init(
                    helm: try helmProgram(),
                    guardProgram: try builtProgram("helm-guard"),
                    kubeconfig: kubeconfig,
                    times: LeaseTimes(),
                    home: folder.path
                )
            )
            var grace = GracePeriods()
            grace.imagePull = .milliseconds(500)
            grace.unserved = .milliseconds(500)
            let settings = ProvisioningSettings(
                addressing: StoreAddressing(scheme: .http, suffix: ".localhost"),
                charts: ChartCatalog(current: [.woocommerce: packageRoot + "/helm/store"], valuesFile: "values-local.yaml"),
                limits: [.woocommerce: limit],
                uninstallLimit: limit,
                grace: grace
            )
            let name = try StoreName("Acme")
            let store = Store(
                id: StoreID.random(),
                name: name,
                engine: .woocommerce,
                status: .provisioning,
                namespace: .preferred(for: name),
                owner: nil,
                createdAt: Date(),
                updatedAt: Date()
            )
            let cluster = TestCluster(
                simulator: simulator,
                kubernetes: kubernetes,
                provisioner: Provisioner(kubernetes: kubernetes, helm: helm, settings: settings),
                store: store
            )
            let result: Result<Void, any Error>
            do { result = .success(try await body(cluster)) } catch { result = .failure(error) }
            try await kubernetes.close()
            try result.get()
        }
    }
}
