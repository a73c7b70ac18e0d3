import Cluster
import ClusterSimulator
import StoreDomain
import Testing

@testable import Provisioning

/// A worker without rights over all namespaces, which grants itself those of one.
@Suite(.serialized, .timeLimit(.minutes(20))) struct AccessTests {
    @Test("nothing is done in a namespace of ours before it is accessible, wanted or not") func first() {
        let observed = Observed(namespace: .ours, isAccessible: false, release: .pendingInstall)
        let memory = AttemptMemory(everReady: false)
        #expect(nextStep(desired: .running, observed: observed, memory: memory) == .grantAccess)
        #expect(nextStep(desired: .gone, observed: observed, memory: memory) == .grantAccess)
        for namespace in Observed.Namespace.allCases where namespace != .ours {
            let elsewhere = Observed(namespace: namespace, isAccessible: false)
            #expect(nextStep(desired: .running, observed: elsewhere, memory: memory) != .grantAccess)
            #expect(nextStep(desired: .gone, observed: elsewhere, memory: memory) != .grantAccess)
        }
    }

    private func bound(_ body: @Sendable @escaping (TestCluster) async throws -> Void) async throws {
        try await TestCluster.with { cluster in
            await cluster.simulator.setFaults([Fault(.unbound)], on: cluster.store.namespace.rawValue)
            try await body(
                cluster.with { $0.access = NamespaceAccess(clusterRole: "weaver-store", account: "platform/weaver-worker") }
            )
        }
    }

    @Test("the binding comes right after the namespace, names role and account, and the store becomes ready and goes") func life()
        async throws
    {
        try await bound { cluster in
            guard case .ready = try await cluster.run(.running) else {
                Issue.record("the store is not ready")
                return
            }
            let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(cluster.store.namespace)/rolebindings"
            let changes = try await cluster.changes().filter { !$0.contains("selfsubjectaccessreviews") }
            #expect(changes.prefix(3) == ["POST /api/v1/namespaces", "POST " + bindings, "POST \(cluster.namespacePath)/secrets"])
            let binding = try #require(try await cluster.kubernetes.get(bindings + "/store-worker"))
            #expect(binding.belongs(to: cluster.store))
            #expect(binding["roleRef"]["kind"] == "ClusterRole" && binding["roleRef"]["name"] == "weaver-store")
            #expect(binding["subjects"] == [["kind": "ServiceAccount", "namespace": "platform", "name": "weaver-worker"]])

            #expect(try await cluster.run(.gone) == .gone)
            #expect(try await cluster.kubernetes.get(cluster.namespacePath) == nil)
        }
    }

    @Test("an attempt that died before the binding is carried on by the next, and a delete too") func interrupted() async throws {
        try await bound { cluster in
            _ = try await cluster.create(
                "/api/v1/namespaces",
                "Namespace",
                cluster.store.namespace.rawValue,
                labels: StoreSecrets.labels(of: cluster.store)
            )
            #expect(try await cluster.run(.gone) == .gone)
            #expect(try await cluster.kubernetes.get(cluster.namespacePath) == nil)
        }
    }

    @Test("another API server that has not heard of the binding yet is borne with") func lateServer() async throws {
        try await bound { cluster in
            let name = cluster.store.namespace.rawValue
            let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(name)/rolebindings"
            let attempt = Task { try await cluster.run(.running) }
            while try await !cluster.changes().contains("POST " + bindings) { try await Task.sleep(for: .milliseconds(5)) }
            await cluster.simulator.setFaults([Fault(.apiErrors, count: 4, status: 403)], on: name)
            guard case .ready = try await attempt.value else {
                Issue.record("\(try await attempt.value)")
                return
            }
        }
    }

    @Test("a refusal without a new binding is none to wait for") func refused() async throws {
        try await bound { cluster in
            guard case .ready = try await cluster.run(.running) else {
                Issue.record("the store is not ready")
                return
            }
            await cluster.simulator.setFaults([Fault(.apiErrors, status: 403)], on: cluster.store.namespace.rawValue)
            guard case .failed(let message, permanent: true) = try await cluster.run(.running) else {
                Issue.record("it is not given up")
                return
            }
            #expect(message.contains("forbidden"))
        }
    }
}
