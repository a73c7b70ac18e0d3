import Cluster
import Foundation
import Observation
import StoreDomain
import Testing

@Suite struct HealthTests {
    private let namespace: StoreNamespace

    init() throws { namespace = .preferred(for: try StoreName("Acme")) }

    /// A whole release, all of it well.
    private func view(deployment: String = #"{"readyReplicas":1,"updatedReplicas":1,"replicas":1,"availableReplicas":1}"#) throws
        -> NamespaceView
    {
        func object<Object: ClusterObject>(_ name: String, _ component: String?, _ rest: String = "") throws -> [String: Object] {
            let label = component.map { #","labels":{"app.kubernetes.io/component":"\#($0)"}"# } ?? ""
            let text = #"{"metadata":{"name":"\#(name)"\#(label)}\#(rest)}"#
            return [name: try JSONDecoder().decode(Object.self, from: Data(text.utf8))]
        }
        var view = NamespaceView()
        view.namespace = try JSONDecoder().decode(NamespaceObject.self, from: Data(#"{"metadata":{"name":"store-acme"}}"#.utf8))
        view.statefulSets = try object(
            "mysql",
            "database",
            #","spec":{"replicas":1},"status":{"replicas":1,"readyReplicas":1,"updatedReplicas":1}"#
        )
        view.deployments = try object("store", "app", #","spec":{"replicas":1},"status":\#(deployment)"#)
        view.services = try object("store", "app")
        view.ingresses = try object("store", nil, #","status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}"#)
        view.pods = try object("store-1", "app", #","status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}"#)
        return view
    }

    @Test("all is there, ready and served: well") func well() throws {
        #expect(Health.verdict(of: try view(), namespace: namespace, problem: nil).isWell)
    }

    @Test("no namespace is drift of the namespace") func namespaceGone() {
        let verdict = Health.verdict(of: nil, namespace: namespace, problem: nil)
        #expect(verdict.drift == .namespace)
        #expect(verdict.cause?.contains("empty store") == true)
    }

    @Test(
        "a part that is missing is drift of the release, and named",
        arguments: ["StatefulSet", "Deployment", "Service", "Ingress"]
    ) func partGone(part: String) throws {
        var view = try view()
        switch part {
        case "StatefulSet": view.statefulSets = [:]
        case "Deployment": view.deployments = [:]
        case "Service": view.services = [:]
        default: view.ingresses = [:]
        }
        let verdict = Health.verdict(of: view, namespace: namespace, problem: nil)
        #expect(verdict.drift == .release)
        #expect(verdict.cause?.contains(part) == true, "\(verdict)")
    }

    @Test("an Ingress that lost its address makes it unwell, unless addresses are not asked for") func noAddress() throws {
        var view = try view()
        view.ingresses = ["store": try JSONDecoder().decode(Ingress.self, from: Data(#"{"metadata":{"name":"store"}}"#.utf8))]
        let verdict = Health.verdict(of: view, namespace: namespace, problem: nil)
        #expect(verdict.cause?.contains("has no address") == true, "\(verdict)")
        var grace = GracePeriods()
        grace.needsAddress = false
        #expect(Health.verdict(of: view, namespace: namespace, problem: nil, grace: grace).isWell)
    }

    @Test("workloads that are not ready make it unwell, and so does a store that answers badly") func unwell() throws {
        let waiting = Health.verdict(of: try view(deployment: #"{"replicas":1}"#), namespace: namespace, problem: nil)
        #expect(waiting.cause == "Not all of the store's pods are ready." && waiting.drift == nil)
        let broken = Health.verdict(of: try view(), namespace: namespace, problem: "it answers with 502")
        #expect(broken.cause == "The store's pods are ready, but it answers with 502." && broken.drift == nil)
    }
}
