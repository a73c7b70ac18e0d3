import Testing

@testable import ClusterSimulator

/// What a real node was seen to do, on a clock that the tests move.
@Suite struct KubeletTests {
    private let driver = ClusterDriver()
    private var cluster: ClusterState { driver.cluster }

    init() { driver.makeNamespace() }

    private func setContainers(_ containers: JSONValue, grace: Int = 30) {
        driver.deploy {
            $0.spec["template"]["spec"] = ["containers": containers, "terminationGracePeriodSeconds": JSONValue(grace)]
        }
    }

    private func becomesReady() -> Bool { driver.comes(within: 60) { driver.isAnyReady() } }

    /// Seconds until the only pod is gone, rounded up; the Deployment is deleted with it, so that there is no successor.
    private func secondsToEnd(within limit: Int = 60, _ meanwhile: () -> Void = {}) -> Int {
        let begin = cluster.now
        _ = driver.send("DELETE", "/apis/apps/v1/namespaces/store/deployments/app")
        #expect(driver.comes(within: 5) { driver.pods().allSatisfy(\.isTerminating) })
        meanwhile()
        #expect(driver.comes(within: limit) { driver.pods().isEmpty })
        return Int((cluster.now - begin) / .seconds(1)) + 1
    }

    @Test("containers' statuses are told by name, whatever the specification's order") func statusesByName() {
        setContainers([["name": "wordpress", "image": "w:1"], ["name": "cron", "image": "w:1"]])
        #expect(becomesReady())
        #expect(driver.pods()[0].status["containerStatuses"].array.map(\.["name"].string) == ["cron", "wordpress"])
    }

    @Test(
        "a pod ends after its hook, not with its whole grace",
        arguments: [
            ["exec": ["command": ["sleep", "5"]]], ["sleep": ["seconds": 5]],
        ] as [JSONValue]
    )
    func hook(preStop: JSONValue) {
        setContainers([["name": "app", "image": "a:1", "lifecycle": ["preStop": preStop]]])
        #expect(becomesReady())
        #expect((5...8).contains(secondsToEnd()))
    }

    @Test("one that does not heed the signal takes its whole grace, unless that is cut short") func ignoredSignal() {
        cluster.setFaults([Fault(.ignoresStop)], on: "store")
        setContainers([["name": "app", "image": "a:1"]], grace: 45)
        #expect(becomesReady())
        #expect((45...48).contains(secondsToEnd()))

        setContainers([["name": "app", "image": "a:1"]], grace: 45)
        #expect(becomesReady())
        let time = secondsToEnd {
            _ = driver.send("DELETE", "/api/v1/namespaces/store/pods/\(driver.pods()[0].name)", ["gracePeriodSeconds": 1])
        }
        #expect((1...4).contains(time))
    }

    @Test("readiness comes with a probe, not before it; and is lost after as many failures as are borne") func probes() throws {
        setContainers([
            [
                "name": "app", "image": "a:1", "startupProbe": ["periodSeconds": 20],
                "readinessProbe": ["periodSeconds": 3, "failureThreshold": 3, "httpGet": ["port": 80]],
            ]
        ])
        driver.pass(10)
        #expect(!driver.isAnyReady())
        #expect(becomesReady())
        #expect(cluster.now >= .seconds(20))
        cluster.setFaults([Fault(.unready)], on: "store")
        driver.pass(5)
        #expect(driver.isAnyReady())
        #expect(driver.events("Unhealthy").count == 1)
        driver.pass(4)
        #expect(!driver.isAnyReady())
    }

    @Test("a claim of the class stays Pending until a pod uses it") func firstConsumer() {
        let claim: JSONValue = [
            "metadata": ["name": "data"],
            "spec": ["accessModes": ["ReadWriteOnce"], "storageClassName": "local-path", "resources": ["requests": ["storage": "1Gi"]]],
        ]
        #expect(driver.send("POST", "/api/v1/namespaces/store/persistentvolumeclaims", claim).status == 201)
        driver.pass(30)
        #expect(driver.object(.persistentvolumeclaims, "data").status["phase"].string != "Bound")
        #expect(driver.events("WaitForFirstConsumer") == ["waiting for first consumer to be created before binding"])
        driver.deploy {
            $0.spec["template"]["spec"]["volumes"] = [["name": "data", "persistentVolumeClaim": ["claimName": "data"]]]
        }
        #expect(becomesReady())
        #expect(driver.object(.persistentvolumeclaims, "data").status["phase"] == "Bound")
    }

    @Test("a pod on a node that fell silent is not ready though its containers are, and is again with the node") func lostNode() {
        setContainers([["name": "app", "image": "a:1"]])
        #expect(becomesReady())
        cluster.setFaults([Fault(.nodeLost)], on: "store")
        #expect(driver.comes(within: 10) { !driver.isAnyReady() })
        #expect(driver.pods()[0].condition("ContainersReady")["status"] == "True")
        #expect(driver.events("NodeNotReady") == ["Node is not ready"])
        cluster.setFaults([], on: "store")
        #expect(becomesReady())
    }

    @Test("an Ingress of a class that is not there gets no address; one whose issuer refuses, no certificate") func ingress() {
        func make(_ name: String, class ingressClass: String) {
            let object: JSONValue = [
                "metadata": ["name": .string(name), "annotations": ["cert-manager.io/cluster-issuer": "it"]],
                "spec": ["ingressClassName": .string(ingressClass), "tls": [["secretName": .string(name + "-tls")]]],
            ]
            #expect(driver.send("POST", "/apis/networking.k8s.io/v1/namespaces/store/ingresses", object).status == 201)
        }
        cluster.setFaults([Fault(.certificateRefused)], on: "store")
        make("served", class: "traefik")
        make("ignored", class: "nosuch")
        driver.pass(10)
        #expect(!driver.object(.ingresses, "served").status["loadBalancer"]["ingress"].array.isEmpty)
        #expect(driver.object(.ingresses, "ignored").status["loadBalancer"]["ingress"].array.isEmpty)
        #expect(driver.object(.secrets, "served-tls").isNull)
        #expect(driver.events("Failed").contains { $0.hasPrefix("The certificate request has failed") })
        cluster.setFaults([], on: "store")
        #expect(driver.comes(within: 10) { driver.object(.secrets, "served-tls")["type"] == "kubernetes.io/tls" })
    }
}
