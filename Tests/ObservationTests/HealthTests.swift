import Cluster
import Foundation
import Observation
import StoreDomain
import Testing

@Suite struct HealthTests {
    private let namespace: StoreNamespace

    init() throws { namespace = .preferred(for: try StoreName("Acme")) }

    private static let ready = #","spec":{"replicas":1},"status":{"replicas":1,"readyReplicas":1,"updatedReplicas":1}"#
    private static let zero = #","spec":{"replicas":0},"status":{}"#

    private func object<Object: ClusterObject>(_ name: String, _ component: String?, _ rest: String = "", metadata: String = "") throws
        -> [String: Object]
    {
        let label = component.map { #","labels":{"app.kubernetes.io/component":"\#($0)"}"# } ?? ""
        let text = #"{"metadata":{"name":"\#(name)"\#(label)\#(metadata)}\#(rest)}"#
        return [name: try JSONDecoder().decode(Object.self, from: Data(text.utf8))]
    }

    /// A whole release, all of it well.
    private func view(deployment: String = ready) throws -> NamespaceView {
        var view = NamespaceView()
        view.namespace = try JSONDecoder().decode(NamespaceObject.self, from: Data(#"{"metadata":{"name":"store-acme"}}"#.utf8))
        view.statefulSets = try object("mysql", "database", Self.ready)
        view.deployments = try object("store", "app", deployment)
        view.services = try object("store", "app")
        view.ingresses = try object("store", "app", #","status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}"#)
        view.pods = try pod("store-1", "app", isReady: true)
        return view
    }

    private func pod(_ name: String, _ component: String?, phase: String = "Running", isReady: Bool = false, metadata: String = "") throws
        -> [String: Pod]
    {
        let status = #","status":{"phase":"\#(phase)","conditions":[{"type":"Ready","status":"\#(isReady ? "True" : "False")"}]}"#
        return try object(name, component, status, metadata: metadata)
    }

    /// The same release, put to sleep.
    private func sleepingView() throws -> NamespaceView {
        var view = try view(deployment: Self.zero)
        view.statefulSets = try object("mysql", "database", Self.zero)
        view.pods = [:]
        return view
    }

    private func verdict(_ view: NamespaceView) -> Health.Verdict {
        Health.verdict(of: view, namespace: namespace, problem: nil)
    }

    @Test("all is there, ready and served: well") func well() throws {
        #expect(Health.verdict(of: try view(), namespace: namespace, problem: nil).isWell)
    }

    @Test("an app whose old pod serves beside the new one is not ready: the ready pod is the old one")
    func successor() throws {
        let both = #","spec":{"replicas":1},"status":{"replicas":2,"readyReplicas":1,"updatedReplicas":1}"#
        let view = try view(deployment: both)
        #expect(!view.isReady(component: "app", among: view.deployments))
    }

    @Test("no namespace is drift of the namespace") func namespaceGone() {
        let verdict = Health.verdict(of: nil, namespace: namespace, problem: nil)
        #expect(verdict.drift == .namespace)
        #expect(verdict.cause?.contains("recreate it, empty") == true)
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
        view.ingresses = try object("store", "app")
        let verdict = Health.verdict(of: view, namespace: namespace, problem: nil)
        #expect(verdict.cause?.contains("has no address") == true, "\(verdict)")
        var grace = GracePeriods()
        grace.needsAddress = false
        #expect(Health.verdict(of: view, namespace: namespace, problem: nil, grace: grace).isWell)
    }

    @Test("workloads that are not ready make it unwell, and so does a store that answers badly") func unwell() throws {
        let waiting = verdict(try view(deployment: #","spec":{"replicas":1},"status":{"replicas":1}"#))
        #expect(waiting.cause == "Not all of the store's pods are ready." && waiting.drift == nil)
        let broken = Health.verdict(of: try view(), namespace: namespace, problem: "it answers with 502")
        #expect(broken.cause == "The store's pods are ready, but it answers with 502." && broken.drift == nil)
    }

    @Test("what runs beside the store takes nothing from it", arguments: ["backup", "test", nil])
    func beside(component: String?) throws {
        var view = try view()
        view.pods.merge(try pod("other", component, phase: "Pending")) { $1 }
        view.deployments.merge(try object("other", component, #","spec":{"replicas":1},"status":{}"#)) { $1 }
        view.ingresses.merge(try object("other", component)) { $1 }
        view.claims = try object("other", component, #","status":{"phase":"Lost"}"#)
        view.jobs = try object("other", component, #","status":{"conditions":[{"type":"Failed","status":"True"}]}"#)
        #expect(view.allReady)
        #expect(verdict(view).isWell)
        #expect(view.snapshot.replicas == 2 && view.snapshot.podsRunning == 2)
    }

    @Test("another's Ingress does not stand in for the store's") func otherIngress() throws {
        var view = try view()
        view.ingresses = try object("cm-acme-http-solver-1", nil)
        #expect(verdict(view).drift == .release)
    }

    @Test("a store at zero is unwell, and not for pods that are not ready")
    func asleep() throws {
        let view = try sleepingView()
        #expect(view.isAsleep)
        #expect(verdict(view).cause?.contains("scaled to zero") == true)
    }

    @Test("a task's pod wakes nobody, and neither does a pod that was evicted") func asleepBeside() throws {
        var view = try sleepingView()
        view.pods = try pod("backup-1", "backup").merging(pod("store-2", "app", phase: "Failed")) { $1 }
        view.deployments.merge(try object("other", "backup", Self.ready)) { $1 }
        #expect(view.isAsleep)
    }

    @Test(
        "it is not asleep while something of it is left, or nothing is known of it",
        arguments: ["a workload that wants a pod", "one that has one", "one that is not up to date", "a pod that ends", "no workload"]
    )
    func awake(why: String) throws {
        var view = try sleepingView()
        switch why {
        case "a workload that wants a pod": view.statefulSets = try object("mysql", "database", #","spec":{"replicas":1},"status":{}"#)
        case "one that has one": view.deployments = try object("store", "app", #","spec":{"replicas":0},"status":{"replicas":1}"#)
        case "one that is not up to date": view.deployments = try object("store", "app", Self.zero, metadata: #","generation":2"#)
        case "a pod that ends":
            view.pods = try pod("store-1", "app", metadata: #","deletionTimestamp":"2026-01-01T00:00:00Z""#)
        default: (view.deployments, view.statefulSets) = ([:], [:])
        }
        #expect(!view.isAsleep)
    }
}
