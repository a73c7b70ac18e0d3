import Testing

@testable import ClusterSimulator

/// The whole cluster on a clock that the tests move: no waiting, no network.
@Suite struct ClusterStateTests {
    private let cluster = ClusterState()

    private func send(
        _ method: String,
        _ path: String,
        _ body: JSONValue? = nil,
        query: [String: String] = [:],
        type: String = "application/json"
    )
        -> (status: Int, body: JSONValue)
    {
        let request = APIRequest(
            method: method,
            path: path,
            query: query,
            contentType: type,
            userAgent: "test/1",
            body: body?.serialized() ?? []
        )
        let response = cluster.respond(to: request)
        guard case .json(let value) = response.body else { return (response.status, .null) }
        return (response.status, value)
    }

    private func makeNamespace(_ name: String = "store") {
        #expect(send("POST", "/api/v1/namespaces", ["metadata": ["name": .string(name)]]).status == 201)
    }

    private func pass(_ seconds: Int) { cluster.advance(to: cluster.now + .seconds(seconds)) }

    /// Lets time pass in small steps until something holds.
    private func comes(within seconds: Int, _ condition: () -> Bool) -> Bool {
        for _ in 0..<(seconds * 10) where !condition() { cluster.advance(to: cluster.now + .milliseconds(100)) }
        return condition()
    }

    private func deployment(_ environment: JSONValue = []) -> JSONValue {
        [
            "metadata": ["name": "app"],
            "spec": [
                "selector": ["matchLabels": ["app": "app"]],
                "template": [
                    "metadata": ["labels": ["app": "app"]],
                    "spec": ["containers": [["name": "app", "image": "app:1", "env": environment]]],
                ],
            ],
        ]
    }

    private func deploy(_ environment: JSONValue = []) {
        #expect(send("POST", "/apis/apps/v1/namespaces/store/deployments", deployment(environment)).status == 201)
    }

    @Test("what pods use is told by a cluster that measures, and by no other") func metrics() {
        makeNamespace()
        deploy()
        #expect(comes(within: 60) { pods.contains { $0.status["phase"].string == "Running" } })
        let path = "/apis/metrics.k8s.io/v1beta1/pods"
        #expect(send("GET", path).status == 404)
        cluster.measuresPods = true
        let item = send("GET", path).body["items"][0]
        #expect(item["metadata"]["namespace"].string == "store")
        #expect(item["containers"][0]["usage"]["cpu"].string == "5000000n")
        #expect(send("GET", "/apis/metrics.k8s.io/v1beta1/namespaces/other/pods").body["items"][0] == .null)
    }

    private var pods: [JSONValue] { cluster.objects.list(.pods, namespace: "store") }
    private var areReady: Bool { pods.allSatisfy(\.isReadyPod) }
    private var isAnyReady: Bool { pods.contains(where: \.isReadyPod) }
    private var reasons: Set<String> { Set(cluster.objects.list(.events, namespace: "store").compactMap { $0["reason"].string }) }

    private func waiting() -> String? { pods.first?.status["containerStatuses"][0]["state"]["waiting"]["reason"].string }

    @Test("a Deployment that recreates ends the old pod first, and starts the new one when that is gone")
    func recreate() {
        makeNamespace()
        var object = deployment()
        object.spec["strategy"] = ["type": "Recreate"]
        #expect(send("POST", "/apis/apps/v1/namespaces/store/deployments", object).status == 201)
        #expect(comes(within: 30) { pods.contains(where: \.isReadyPod) })
        let old = pods.map(\.uid)
        object = cluster.objects[ObjectKey(.deployments, "store", "app")] ?? .null
        object.spec["template"]["spec"]["containers"] = [["name": "app", "image": "app:2"]]
        #expect(send("PUT", "/apis/apps/v1/namespaces/store/deployments/app", object).status == 200)
        var most = 0
        #expect(
            comes(within: 60) {
                most = max(most, pods.count)
                return pods.contains { $0.isReadyPod && !old.contains($0.uid) }
            }
        )
        #expect(most == 1)
    }

    @Test("a Deployment becomes available, and says so as Helm expects")
    func deploymentBecomesAvailable() {
        makeNamespace()
        deploy()
        pass(10)
        let app = send("GET", "/apis/apps/v1/namespaces/store/deployments/app").body
        #expect(app.status["observedGeneration"] == 1)
        #expect(app.status["availableReplicas"] == 1)
        #expect(app.condition("Available")["status"] == "True")
        #expect(areReady)
        #expect(reasons.isSuperset(of: ["ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulling", "Pulled", "Created", "Started"]))
    }

    @Test(
        "pod faults show as in life, and heal when they are lifted",
        arguments: [
            (Fault.Kind.imagePullFailure, "ImagePullBackOff", "Failed"), (.crashLoop, "CrashLoopBackOff", "BackOff"),
            (.pending, "", "FailedScheduling"), (.quotaRejection, "", "FailedCreate"),
        ]
    )
    func faultsHeal(kind: Fault.Kind, reason: String, event: String) {
        makeNamespace()
        cluster.setFaults([Fault(kind)], on: "store")
        deploy()
        #expect(comes(within: 10) { (waiting() ?? "") == reason && reasons.contains(event) })
        #expect(!isAnyReady)
        cluster.setFaults([], on: "store")
        pass(10)
        #expect(pods.count == 1)
        #expect(areReady)
    }

    @Test("a fault with a count wears off; an annotation sets one")
    func countsAndAnnotations() {
        makeNamespace()
        cluster.setFaults([Fault(.imagePullFailure, count: 1)], on: "store")
        deploy()
        pass(20)
        #expect(reasons.contains("Failed"))
        #expect(areReady)
        let patch: JSONValue = ["metadata": ["annotations": .object([FaultBook.annotation: "crashLoop"])]]
        _ = send("PATCH", "/api/v1/namespaces/store", patch, type: "application/merge-patch+json")
        pass(5)
        #expect(!isAnyReady)
    }

    @Test("a missing Secret holds a container up until it is there")
    func missingSecret() {
        makeNamespace()
        deploy([["name": "S", "valueFrom": ["secretKeyRef": ["name": "salt", "key": "salt"]]]])
        pass(5)
        #expect(waiting() == "CreateContainerConfigError")
        #expect(
            send("POST", "/api/v1/namespaces/store/secrets", ["metadata": ["name": "salt"], "stringData": ["salt": "x"]]).status == 201
        )
        pass(15)
        #expect(areReady)
    }

    @Test("a refused ReplicaSet backs off instead of spinning")
    func refusalBacksOff() {
        makeNamespace()
        cluster.setFaults([Fault(.quotaRejection)], on: "store")
        deploy()
        let before = cluster.revision
        pass(60)
        #expect(cluster.revision - before < 100)
    }

    @Test("a namespace goes with its contents; content is refused meanwhile")
    func namespaceTerminates() {
        makeNamespace()
        deploy()
        pass(10)
        #expect(send("DELETE", "/api/v1/namespaces/store").body.status["phase"] == "Terminating")
        let refused = send("POST", "/api/v1/namespaces/store/configmaps", ["metadata": ["name": "x"]])
        #expect(refused.status == 403)
        #expect(refused.body["message"].string?.contains("because it is being terminated") == true)
        pass(5)
        #expect(send("GET", "/api/v1/namespaces/store").status == 404)
        #expect(pods.isEmpty)
        #expect(send("POST", "/api/v1/namespaces/store/configmaps", ["metadata": ["name": "x"]]).status == 404)
    }

    @Test("a stuck namespace stays and says why, until the fault is lifted")
    func stuckNamespace() {
        makeNamespace()
        cluster.setFaults([Fault(.stuckTerminating)], on: "store")
        _ = send("DELETE", "/api/v1/namespaces/store")
        pass(60)
        let namespace = send("GET", "/api/v1/namespaces/store").body
        #expect(namespace.condition("NamespaceFinalizersRemaining")["status"] == "True")
        cluster.setFaults([], on: "store")
        pass(2)
        #expect(send("GET", "/api/v1/namespaces/store").status == 404)
    }

    @Test("writes with a stale version or another uid are refused")
    func preconditions() {
        makeNamespace()
        let made = send("POST", "/api/v1/namespaces/store/configmaps", ["metadata": ["name": "x"]]).body
        #expect(send("POST", "/api/v1/namespaces/store/configmaps", ["metadata": ["name": "x"]]).body["reason"] == "AlreadyExists")
        var changed = made
        changed["data"] = ["a": "1"]
        #expect(send("PUT", "/api/v1/namespaces/store/configmaps/x", changed).status == 200)
        #expect(send("PUT", "/api/v1/namespaces/store/configmaps/x", changed).body["reason"] == "Conflict")
        let other = send("DELETE", "/api/v1/namespaces/store/configmaps/x", ["preconditions": ["uid": "other"]])
        #expect(other.status == 409)
        #expect(send("DELETE", "/api/v1/namespaces/store/configmaps/x", ["preconditions": ["uid": .string(made.uid)]]).status == 200)
    }

    @Test("what may not change in a StatefulSet is refused with Kubernetes' words")
    func immutableStatefulSet() {
        makeNamespace()
        var set = deployment()
        set.spec["serviceName"] = "app"
        #expect(send("POST", "/apis/apps/v1/namespaces/store/statefulsets", set).status == 201)
        let answer = send(
            "PATCH",
            "/apis/apps/v1/namespaces/store/statefulsets/app",
            ["spec": ["serviceName": "other"]],
            type: "application/merge-patch+json"
        )
        #expect(answer.status == 422)
        #expect(answer.body["message"].string?.contains("updates to statefulset spec") == true)
    }

    @Test("a watch resumes from a revision, and gets 410 once that is forgotten")
    func watchResumes() async {
        makeNamespace()
        let from = send("GET", "/api/v1/namespaces/store/configmaps").body.metadata["resourceVersion"].string ?? ""
        _ = send("POST", "/api/v1/namespaces/store/configmaps", ["metadata": ["name": "x"]])
        #expect(await firstEvent(after: from)["type"] == "ADDED")
        cluster.hub.compact(at: cluster.revision)
        let expired = await firstEvent(after: from)
        #expect(expired["type"] == "ERROR")
        #expect(expired["object"]["code"] == 410)
    }

    private func firstEvent(after revision: String) async -> JSONValue {
        let request = APIRequest(
            method: "GET",
            path: "/api/v1/namespaces/store/configmaps",
            query: ["watch": "true", "resourceVersion": revision]
        )
        guard case .stream(let stream) = cluster.respond(to: request).body else { return .null }
        stream.output.finish()
        for await line in stream.lines { return (try? JSONReader.read(line)) ?? .null }
        return .null
    }

    @Test(
        "owners take their dependents along, unless these are orphaned",
        arguments: [("Background", 0), ("Foreground", 0), ("Orphan", 1)]
    )
    func propagation(policy: String, left: Int) {
        makeNamespace()
        deploy()
        pass(10)
        _ = send("DELETE", "/apis/apps/v1/namespaces/store/deployments/app", ["propagationPolicy": .string(policy)])
        pass(5)
        #expect(cluster.objects.list(.deployments, namespace: "store").isEmpty)
        #expect(pods.count == left)
    }

    @Test("a Job completes, and goes after its time")
    func job() {
        makeNamespace()
        let job: JSONValue = [
            "metadata": ["name": "setup"],
            "spec": [
                "ttlSecondsAfterFinished": 30,
                "template": ["spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "c:1"]]]],
            ],
        ]
        #expect(send("POST", "/apis/batch/v1/namespaces/store/jobs", job).status == 201)
        pass(10)
        #expect(send("GET", "/apis/batch/v1/namespaces/store/jobs/setup").body.condition("Complete")["status"] == "True")
        pass(40)
        #expect(send("GET", "/apis/batch/v1/namespaces/store/jobs/setup").status == 404)
        #expect(pods.isEmpty)
    }

    @Test("lists page by limit and continue")
    func paging() {
        makeNamespace()
        for name in ["a", "b", "c"] { _ = send("POST", "/api/v1/namespaces/store/secrets", ["metadata": ["name": .string(name)]]) }
        let first = send("GET", "/api/v1/namespaces/store/secrets", query: ["limit": "2"]).body
        #expect(first["items"].array.map(\.name) == ["a", "b"])
        let token = first.metadata["continue"].string ?? ""
        #expect(send("GET", "/api/v1/namespaces/store/secrets", query: ["continue": token]).body["items"].array.map(\.name) == ["c"])
    }
}
