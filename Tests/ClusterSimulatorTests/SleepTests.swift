import Testing

@testable import ClusterSimulator

/// Stores without pods: how they get there, and who answers for their hosts.
@Suite struct SleepTests {
    private let driver = ClusterDriver()
    private var cluster: ClusterState { driver.cluster }

    init() { driver.makeNamespace() }

    private func makeService(_ name: String, selecting app: String, in namespace: String = "store") {
        let spec: JSONValue = ["selector": ["app": .string(app)], "ports": [["port": 80]]]
        let object: JSONValue = ["metadata": ["name": .string(name)], "spec": spec]
        #expect(driver.send("POST", "/api/v1/namespaces/\(namespace)/services", object).status == 201)
    }

    private func makeIngress(
        _ name: String,
        host: String?,
        paths: [(path: String, type: String, service: String)],
        in namespace: String = "store"
    ) {
        let entries = paths.map { path, type, service -> JSONValue in
            let backend: JSONValue = ["service": ["name": .string(service), "port": ["number": 80]]]
            return ["path": .string(path), "pathType": .string(type), "backend": backend]
        }
        let rule: JSONValue = ["host": JSONValue(host), "http": ["paths": .array(entries)]]
        let object: JSONValue = ["metadata": ["name": .string(name)], "spec": ["rules": [rule]]]
        #expect(driver.send("POST", "/apis/networking.k8s.io/v1/namespaces/\(namespace)/ingresses", object).status == 201)
    }

    /// The gate, with its pod, in a namespace of its own.
    private func makeGate() {
        driver.makeNamespace("platform")
        driver.deploy(in: "platform")
        makeService("gate", selecting: "app", in: "platform")
        makeIngress("gate", host: nil, paths: [("/", "Prefix", "gate")], in: "platform")
        #expect(driver.comes(within: 60) { driver.isAnyReady(in: "platform") })
    }

    /// The status, and which Service answers.
    private func visit(_ path: String, host: String = "acme.test") -> (status: Int, service: String?) {
        let response = cluster.answerIngress(host: host + ":80", StorefrontRequest(path: path))
        guard case .bytes(let bytes, _) = response.body else { return (response.status, nil) }
        let text = String(decoding: bytes, as: UTF8.self)
        return (response.status, text.firstMatch(of: /service ([a-z]+), path/).map { String($0.1) })
    }

    private func scale(_ kind: Kind, to count: Int) {
        let patch: JSONValue = ["spec": ["replicas": JSONValue(count)]]
        let path = "/apis/apps/v1/namespaces/store/\(kind.resource)/app/scale"
        #expect(driver.send("PATCH", path, patch, type: "application/merge-patch+json").status == 200)
    }

    @Test(
        "scaled to zero the pods end as pods do, and come back with a readiness of their own",
        arguments: [Kind.deployments, .statefulsets]
    )
    func zeroAndBack(kind: Kind) {
        driver.deploy(kind) {
            $0.spec["template"]["spec"]["containers"] = [
                ["name": "app", "image": "app:1", "lifecycle": ["preStop": ["sleep": ["seconds": 5]]]]
            ]
        }
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        let before = driver.pods().map(\.uid)
        scale(kind, to: 0)
        driver.pass(3)
        #expect(driver.pods().count == 1 && driver.pods().allSatisfy(\.isTerminating))
        #expect(driver.comes(within: 10) { driver.pods().isEmpty })
        driver.pass(10)
        let status = driver.object(kind, "app").status
        #expect((status["replicas"].int ?? 0, status["readyReplicas"].int ?? 0) == (0, 0))
        #expect(status["observedGeneration"] == driver.object(kind, "app").metadata["generation"])
        #expect(driver.pods().isEmpty)
        scale(kind, to: 1)
        #expect(!driver.isAnyReady())
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        #expect(driver.pods().map(\.uid) != before)
    }

    @Test("of a host's paths the longest wins, and the exact one of two alike") func paths() {
        driver.deploy()
        for name in ["whole", "part", "exact"] { makeService(name, selecting: "app") }
        makeIngress("store", host: "acme.test", paths: [("/", "Prefix", "whole"), ("/a", "Prefix", "part"), ("/a", "Exact", "exact")])
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        driver.pass(1)
        #expect(["/", "/ab", "/a/b", "/a"].map { visit($0).service } == ["whole", "whole", "part", "exact"])
        #expect(visit("/", host: "other.test").status == 404)
    }

    @Test(
        "an Ingress without a host answers for unknown hosts, and for paths that the host's own rules leave out",
        arguments: ["/-/asleep", "/-/closed"]
    )
    func gate(kept: String) {
        driver.deploy()
        makeService("web", selecting: "app")
        makeIngress("store", host: "acme.test", paths: [(kept, "Exact", "web")])
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        driver.pass(1)
        #expect(visit("/").status == 404)
        makeGate()
        driver.pass(1)
        #expect(visit("/").service == "gate")
        #expect(visit(kept + "/x").service == "gate")
        #expect(visit(kept).service == "web")
        #expect(visit("/", host: "other.test").service == "gate")
    }

    @Test("it answers for a store that nothing serves too; without it that is 503") func nothingServes() {
        driver.deploy()
        makeService("web", selecting: "app")
        makeIngress("store", host: "acme.test", paths: [("/", "Prefix", "web")])
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        driver.pass(1)
        makeGate()
        driver.pass(1)
        #expect(visit("/").service == "web")
        scale(.deployments, to: 0)
        #expect(driver.comes(within: 60) { driver.pods().isEmpty })
        driver.pass(1)
        #expect(visit("/").service == "gate")
        _ = driver.send("DELETE", "/apis/networking.k8s.io/v1/namespaces/platform/ingresses/gate")
        driver.pass(1)
        #expect(visit("/").status == 503)
    }

    @Test("a test whose Service nothing serves fails", arguments: [true, false])
    func testPod(serves: Bool) {
        if serves { driver.deploy() }
        makeService("web", selecting: "app")
        if serves { #expect(driver.comes(within: 60) { driver.isAnyReady() }) }
        driver.pass(1)
        let container: JSONValue = ["name": "check", "image": "app:1", "env": [["name": "STORE_SERVICE", "value": "http://web:80"]]]
        let pod: JSONValue = ["metadata": ["name": "test"], "spec": ["restartPolicy": "Never", "containers": [container]]]
        #expect(driver.send("POST", "/api/v1/namespaces/store/pods", pod).status == 201)
        #expect(driver.comes(within: 60) { driver.object(.pods, "test").isFinishedPod })
        #expect(driver.object(.pods, "test").status["phase"].string == (serves ? "Succeeded" : "Failed"))
    }
}
