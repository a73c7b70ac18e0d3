import Testing

@testable import ClusterSimulator

/// Volumes that grow, and those that do not, on a clock that the tests move.
@Suite struct VolumeGrowthTests {
    private let path = "/api/v1/namespaces/store/persistentvolumeclaims"

    /// With a claim `data` of 2Gi, used by a pod of the Deployment `app`.
    private func driver(class name: String? = nil, growing: Bool = false) -> ClusterDriver {
        let driver = ClusterDriver(ClusterState(defaultClassGrowsVolumes: growing))
        driver.makeNamespace()
        var claim: JSONValue = [
            "metadata": ["name": "data"], "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "2Gi"]]],
        ]
        claim.spec["storageClassName"] = JSONValue(name)
        #expect(driver.send("POST", path, claim).status == 201)
        driver.deploy { $0.spec["template"]["spec"]["volumes"] = [["name": "data", "persistentVolumeClaim": ["claimName": "data"]]] }
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        return driver
    }

    private func ask(_ size: String, of driver: ClusterDriver) -> (status: Int, body: JSONValue) {
        let patch: JSONValue = ["spec": ["resources": ["requests": ["storage": .string(size)]]]]
        return driver.send("PATCH", path + "/data", patch, type: "application/merge-patch+json")
    }

    private func capacity(_ driver: ClusterDriver) -> String? {
        driver.object(.persistentvolumeclaims, "data").status["capacity"]["storage"].string
    }

    private func scale(_ driver: ClusterDriver, to count: Int) {
        let patch: JSONValue = ["spec": ["replicas": JSONValue(count)]]
        #expect(
            driver.send("PATCH", "/apis/apps/v1/namespaces/store/deployments/app/scale", patch, type: "application/merge-patch+json").status
                == 200
        )
    }

    @Test("there are a class that grows volumes and one that does not, which is the default unless it is set to") func classes() {
        let classes = "/apis/storage.k8s.io/v1/storageclasses"
        let driver = driver()
        #expect(driver.object(.persistentvolumeclaims, "data").spec["storageClassName"] == "local-path")
        #expect(driver.send("GET", classes + "/local-path").body["allowVolumeExpansion"].isNull)
        #expect(driver.send("GET", classes + "/expandable").body["allowVolumeExpansion"] == true)
        #expect(driver.send("GET", classes + "/nosuch").status == 404)
        #expect(driver.send("GET", classes).body["items"].array.count == 2)
        let growing = self.driver(growing: true)
        #expect(growing.send("GET", classes + "/local-path").body["allowVolumeExpansion"] == true)
    }

    @Test("a claim of a class without growth is refused in Kubernetes' words, and stays as it was") func refused() {
        let driver = driver()
        let answer = ask("3Gi", of: driver)
        #expect(answer.status == 403)
        #expect(
            answer.body["message"].string
                == #"persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"#
        )
        driver.pass(10)
        #expect(capacity(driver) == "2Gi")
        #expect(ask("2048Mi", of: driver).status == 200)
    }

    @Test("where the class allows it the capacity follows the request", arguments: ["expandable", nil])
    func grows(name: String?) {
        let driver = driver(class: name, growing: name == nil)
        #expect(ask("3Gi", of: driver).status == 200)
        #expect(capacity(driver) == "2Gi")
        #expect(driver.comes(within: 10) { capacity(driver) == "3Gi" })
        let volume = driver.object(.persistentvolumeclaims, "data").spec["volumeName"].string ?? ""
        #expect(driver.object(.persistentvolumes, volume, in: "").spec["capacity"]["storage"] == "3Gi")
    }

    @Test("a volume that no pod uses waits for one with its file system") func asleep() {
        let driver = driver(class: "expandable")
        scale(driver, to: 0)
        #expect(driver.comes(within: 60) { driver.pods().isEmpty })
        #expect(ask("3Gi", of: driver).status == 200)
        func isPending() -> Bool {
            driver.object(.persistentvolumeclaims, "data").condition("FileSystemResizePending")["status"] == "True"
        }
        #expect(driver.comes(within: 10, isPending))
        #expect(capacity(driver) == "2Gi")
        scale(driver, to: 1)
        #expect(driver.comes(within: 60) { driver.isAnyReady() && capacity(driver) == "3Gi" && !isPending() })
    }

    @Test("a volume never shrinks, and a claim that has none yet does not change") func shrinks() {
        let driver = driver(class: "expandable")
        let answer = ask("1Gi", of: driver)
        #expect(answer.status == 422)
        #expect(
            answer.body["message"].string
                == #"PersistentVolumeClaim "data" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"#
        )
        let unused: JSONValue = ["metadata": ["name": "unused"], "spec": ["resources": ["requests": ["storage": "1Gi"]]]]
        #expect(driver.send("POST", path, unused).status == 201)
        var changed = driver.object(.persistentvolumeclaims, "unused")
        changed.spec["resources"]["requests"]["storage"] = "2Gi"
        #expect(driver.send("PUT", path + "/unused", changed).body["message"].string?.contains("spec is immutable") == true)
    }
}
