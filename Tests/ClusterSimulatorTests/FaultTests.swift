import Testing

@testable import ClusterSimulator

/// Each fault shows in the objects, conditions and events by which one knows the trouble on a real cluster, and heals.
@Suite struct FaultTests {
    private let driver = ClusterDriver()
    private var cluster: ClusterState { driver.cluster }

    init() { driver.makeNamespace() }

    private func set(_ faults: Fault...) { cluster.setFaults(faults, on: "store") }

    private func heals() -> Bool {
        cluster.setFaults([], on: "store")
        let isWell = driver.comes(within: 30) { driver.isAnyReady() && driver.pods().count { !$0.isFinishedPod } == 1 }
        driver.pass(1)
        return isWell
    }

    @Test(
        "refused pods leave FailedCreate events and a ReplicaFailure condition in Kubernetes' words",
        arguments: [
            (
                Fault.Kind.podSecurity,
                #"violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "app" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")"#
            ), (.limitRange, "maximum memory usage per Container is 1Mi.  No limit is specified"),
            (.quotaRejection, "exceeded quota: simulated-quota, requested: pods=1, used: pods=0, limited: pods=0"),
        ]
    )
    func refusals(kind: Fault.Kind, words: String) throws {
        set(Fault(kind))
        driver.deploy()
        driver.deploy(.statefulsets) { $0.metadata["name"] = "db" }
        driver.pass(3)
        let failure = driver.object(.deployments, "app").condition("ReplicaFailure")
        #expect(failure["status"] == "True")
        #expect(failure["reason"] == "FailedCreate")
        let message = try #require(failure["message"].string)
        #expect(message.hasPrefix("pods \"app-") && message.hasSuffix("\" is forbidden: \(words)"))
        let refused = driver.events("FailedCreate")
        #expect(refused.contains("Error creating: \(message)"))
        #expect(refused.contains("create Pod db-0 in StatefulSet db failed error: pods \"db-0\" is forbidden: \(words)"))
        let answer = driver.send(
            "POST",
            "/api/v1/namespaces/store/pods",
            ["metadata": ["name": "p"], "spec": ["containers": [["name": "app", "image": "a:1"]]]]
        )
        #expect(answer.status == 403)
        #expect(answer.body["message"].string == "pods \"p\" is forbidden: \(words)")
        cluster.setFaults([], on: "store")
        #expect(driver.comes(within: 30) { driver.pods().count(where: \.isReadyPod) == 2 })
        #expect(driver.object(.deployments, "app").condition("ReplicaFailure").isNull)
    }

    @Test("a LimitRange refuses in Kubernetes' words")
    func limitRange() {
        let range: JSONValue = ["metadata": ["name": "r"], "spec": ["limits": [["type": "Container", "max": ["memory": "1Gi"]]]]]
        #expect(driver.send("POST", "/api/v1/namespaces/store/limitranges", range).status == 201)
        driver.deploy {
            $0.spec["template"]["spec"]["containers"] = [["name": "app", "image": "app:1", "resources": ["limits": ["memory": "2Gi"]]]]
        }
        driver.pass(2)
        #expect(
            driver.events("FailedCreate").first?.hasSuffix("is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi")
                == true
        )
    }

    @Test("an unbound claim stays Pending, and its pod is not scheduled")
    func volumeUnbound() {
        set(Fault(.volumeUnbound))
        driver.deploy(.statefulsets) {
            $0.spec["volumeClaimTemplates"] = [["metadata": ["name": "data"], "spec": ["resources": ["requests": ["storage": "1Gi"]]]]]
        }
        driver.pass(5)
        #expect(driver.object(.persistentvolumeclaims, "data-app-0").status["phase"] == "Pending")
        #expect(
            driver.events("ProvisioningFailed").first?.hasPrefix(#"failed to provision volume with StorageClass "local-path": "#) == true
        )
        let scheduled = driver.object(.pods, "app-0").condition("PodScheduled")
        #expect(scheduled["reason"] == "Unschedulable")
        #expect(
            scheduled["message"].string?.hasPrefix("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.") == true
        )
        #expect(driver.events("FailedScheduling") == [scheduled["message"].string])
        #expect(heals())
        #expect(driver.object(.persistentvolumeclaims, "data-app-0").status["phase"] == "Bound")
    }

    @Test("a claim of a storage class that is not there is not bound either")
    func noStorageClass() {
        let claim: JSONValue = [
            "metadata": ["name": "c"], "spec": ["storageClassName": "fast", "resources": ["requests": ["storage": "1Gi"]]],
        ]
        #expect(driver.send("POST", "/api/v1/namespaces/store/persistentvolumeclaims", claim).status == 201)
        driver.pass(5)
        #expect(driver.object(.persistentvolumeclaims, "c").status["phase"] == "Pending")
        #expect(driver.events("ProvisioningFailed") == [#"storageclass.storage.k8s.io "fast" not found"#])
    }

    @Test("a container without memory is killed with 137, and backs off")
    func outOfMemory() {
        set(Fault(.outOfMemory))
        driver.deploy()
        #expect(driver.comes(within: 10) { driver.pods().first?.status["containerStatuses"][0]["restartCount"].int ?? 0 >= 1 })
        #expect(
            driver.comes(within: 10) { driver.pods()[0].status["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff" }
        )
        let last = driver.pods()[0].status["containerStatuses"][0]["lastState"]["terminated"]
        #expect(last["reason"] == "OOMKilled")
        #expect(last["exitCode"] == 137)
        #expect(heals())
    }

    @Test("an evicted pod stays, failed, and is replaced; few of them are kept", arguments: [Kind.deployments, .statefulsets])
    func evicted(kind: Kind) throws {
        driver.deploy(kind)
        #expect(driver.comes(within: 10) { driver.isAnyReady() })
        let first = driver.pods()[0].uid
        set(Fault(.evicted, count: 1))
        driver.pass(15)
        #expect(driver.pods().contains { $0.isReadyPod && $0.uid != first })
        #expect(driver.events("Evicted").first?.hasPrefix("The node was low on resource: memory. ") == true)
        guard kind == .deployments else {
            #expect(driver.events("RecreatingFailedPod") == ["StatefulSet store/app is recreating failed Pod app-0"])
            return
        }
        let old = try #require(driver.pods().first { $0.uid == first })
        #expect(old.status["phase"] == "Failed")
        #expect(old.status["reason"] == "Evicted")
        #expect(old.status["message"].string == driver.events("Evicted").first)
        #expect(old.condition("Ready")["reason"] == "PodFailed")
        #expect(driver.object(.deployments, "app").status["replicas"] == 1)
        set(Fault(.evicted))
        driver.pass(120)
        #expect(driver.pods().count(where: \.isFinishedPod) == 10)
        #expect(heals())
    }

    @Test("a pod that fails its readiness probe runs on, unready, and no rollout is late for it")
    func unready() {
        driver.deploy()
        driver.pass(10)
        #expect(driver.isAnyReady())
        set(Fault(.unready))
        driver.pass(700)
        let pod = driver.pods()[0]
        #expect(pod.status["phase"] == "Running")
        #expect(pod.condition("Ready")["status"] == "False")
        #expect(pod.condition("Ready")["message"] == "containers with unready status: [app]")
        #expect(pod.status["containerStatuses"][0]["restartCount"] == 0)
        #expect(driver.events("Unhealthy") == ["Readiness probe failed: HTTP probe failed with statuscode: 503"])
        #expect(driver.object(.deployments, "app").condition("Available")["status"] == "False")
        #expect(driver.object(.deployments, "app").condition("Progressing")["reason"] == "NewReplicaSetAvailable")
        #expect(heals())
    }

    @Test("a hidden Secret holds a container up under the name that it refers to")
    func missingSecret() {
        set(Fault(.missingSecret))
        driver.deploy {
            $0.spec["template"]["spec"]["containers"] = [
                ["name": "app", "image": "a:1", "env": [["name": "S", "valueFrom": ["secretKeyRef": ["name": "salt", "key": "k"]]]]]
            ]
        }
        #expect(
            driver.send("POST", "/api/v1/namespaces/store/secrets", ["metadata": ["name": "salt"], "stringData": ["k": "x"]]).status == 201
        )
        driver.pass(5)
        let waiting = driver.pods()[0].status["containerStatuses"][0]["state"]["waiting"]
        #expect(waiting["reason"] == "CreateContainerConfigError")
        #expect(waiting["message"] == "secret \"salt\" not found")
        #expect(driver.events("Failed") == ["Error: secret \"salt\" not found"])
        #expect(heals())
    }

    @Test("a rollout without progress is late after its deadline, until it gets on")
    func progressDeadline() {
        set(Fault(.pending))
        driver.deploy { $0.spec["progressDeadlineSeconds"] = 60 }
        driver.pass(55)
        #expect(driver.object(.deployments, "app").condition("Progressing")["status"] == "True")
        driver.pass(10)
        let late = driver.object(.deployments, "app").condition("Progressing")
        #expect(late["status"] == "False")
        #expect(late["reason"] == "ProgressDeadlineExceeded")
        #expect(late["message"].string?.hasSuffix("has timed out progressing.") == true)
        #expect(heals())
        #expect(driver.object(.deployments, "app").condition("Progressing")["reason"] == "NewReplicaSetAvailable")
    }

    @Test("Helm's patches meet another manager, nobody else's do")
    func helmConflict() {
        driver.deploy()
        set(Fault(.helmConflict))
        let path = "/apis/apps/v1/namespaces/store/deployments/app"
        let body: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "app"], "spec": ["paused": true]]
        let applied = driver.send(
            "PATCH",
            path,
            body,
            query: ["fieldManager": "helm"],
            type: "application/apply-patch+yaml",
            agent: "Helm/4.0"
        )
        #expect(applied.status == 409)
        #expect(applied.body["message"] == #"Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas"#)
        let forced = driver.send(
            "PATCH",
            path,
            body,
            query: ["fieldManager": "helm", "force": "true"],
            type: "application/apply-patch+yaml",
            agent: "Helm/4.0"
        )
        #expect(forced.status == 200)
        let patched = driver.send("PATCH", path, body, type: "application/merge-patch+json", agent: "Helm/3.19")
        #expect(patched.status == 409)
        #expect(
            patched.body["message"].string?.hasPrefix(
                "Operation cannot be fulfilled on deployments.apps \"app\": the object has been modified"
            ) == true
        )
        #expect(driver.send("PATCH", path, body, type: "application/merge-patch+json").status == 200)
    }

    @Test("an unbound namespace opens with its first RoleBinding")
    func unbound() {
        set(Fault(.unbound))
        let review: JSONValue = ["spec": ["resourceAttributes": ["namespace": "store"]]]
        func mayWork() -> JSONValue {
            driver.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review).body["status"]["allowed"]
        }
        #expect(driver.send("GET", "/api/v1/namespaces/store").status == 200)
        #expect(driver.send("GET", "/api/v1/pods").status == 200)
        #expect(driver.send("GET", "/api/v1/namespaces/store/secrets").status == 403)
        #expect(mayWork() == false)
        let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/store/rolebindings"
        #expect(driver.send("POST", bindings, ["metadata": ["name": "it"]]).status == 201)
        #expect(driver.send("GET", "/api/v1/namespaces/store/secrets").status == 200)
        #expect(mayWork() == true)
    }

    @Test("every fault can be set by annotation and by API", arguments: Fault.Kind.allCases)
    func waysToSet(kind: Fault.Kind) {
        driver.makeNamespace("noted")
        let patch: JSONValue = ["metadata": ["annotations": .object([FaultBook.annotation: .string(kind.rawValue)])]]
        _ = driver.send("PATCH", "/api/v1/namespaces/noted", patch, type: "application/merge-patch+json")
        driver.pass(1)
        #expect(cluster.faults.active(kind, namespace: "noted") != nil)
        let answer = driver.send("PUT", "/simulator/faults/store", ["faults": [["kind": .string(kind.rawValue)]]])
        #expect(answer.body["faults"][0]["kind"].string == kind.rawValue)
        #expect(cluster.faults.active(kind, namespace: "store") != nil)
    }
}
