import Testing

@testable import ClusterSimulator

/// Keeper tasks: backups of a store's ledger, what they say, what becomes of it, and who loses what when one fails.
@Suite struct KeeperTests {
    private let driver = ClusterDriver()
    private var cluster: ClusterState { driver.cluster }

    init() {
        makeStore("store")
    }

    /// A namespace with a database, its claim and its Service.
    private func makeStore(_ namespace: String) {
        driver.makeNamespace(namespace)
        let claim: JSONValue = [
            "metadata": ["name": "data", "labels": ["app.kubernetes.io/component": "database"]],
            "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
        ]
        #expect(driver.send("POST", "/api/v1/namespaces/\(namespace)/persistentvolumeclaims", claim).status == 201)
        driver.deploy(.statefulsets, in: namespace) {
            $0.spec["template"]["spec"]["volumes"] = [["name": "data", "persistentVolumeClaim": ["claimName": "data"]]]
        }
        let service: JSONValue = ["metadata": ["name": "mysql"], "spec": ["selector": ["app": "app"], "ports": [["port": 3306]]]]
        #expect(driver.send("POST", "/api/v1/namespaces/\(namespace)/services", service).status == 201)
        #expect(driver.comes(within: 60) { driver.isAnyReady(in: namespace) })
        driver.pass(1)
    }

    private func order(_ text: String, in namespace: String = "store") {
        var ledger = cluster.ledger(of: namespace)
        _ = ledger.place(.string(text))
        cluster.setLedger(ledger, of: namespace)
    }

    private func orders(in namespace: String = "store") -> [String] {
        let ledger = cluster.ledger(of: namespace)
        return (1001..<1001 + ledger.orders).compactMap { ledger.order($0)?.string }
    }

    /// The Job of a keeper task with its Secret and policy, as the worker makes them.
    private func make(
        _ name: String,
        _ variables: [String: String],
        in namespace: String = "store",
        store: String = "a1b2c3d4e5f6",
        password: String = "secret",
        uploads: Bool = true
    ) {
        let given = ["KEEPER_STORE": store, "KEEPER_ENGINE": "woocommerce", "KEEPER_DATABASE_HOST": "mysql", "KEEPER_TIMEOUT": "20"]
            .merging(variables) { $1 }
        let environment = given.map { JSONValue.object(["name": .string($0), "value": .string($1)]) }
        func container(_ name: String) -> JSONValue { ["name": .string(name), "image": "keeper:1", "env": .array(environment)] }
        var volumes: [JSONValue] = [["name": "secret", "secret": ["secretName": .string(name)]]]
        if uploads { volumes.append(["name": "uploads", "persistentVolumeClaim": ["claimName": "data"]]) }
        let job: JSONValue = [
            "metadata": ["name": .string(name)],
            "spec": [
                "backoffLimit": 0, "activeDeadlineSeconds": 600, "ttlSecondsAfterFinished": 3600,
                "template": [
                    "metadata": ["labels": ["app.kubernetes.io/component": "keeper"]],
                    "spec": [
                        "restartPolicy": "Never", "initContainers": [container("prepare")],
                        "containers": [container("database"), container("keeper")], "volumes": .array(volumes),
                    ],
                ],
            ],
        ]
        let made = driver.send("POST", "/apis/batch/v1/namespaces/\(namespace)/jobs", job)
        #expect(made.status == 201)
        let owner: JSONValue = [["apiVersion": "batch/v1", "kind": "Job", "name": .string(name), "uid": .string(made.body.uid)]]
        let metadata: JSONValue = ["name": .string(name), "ownerReferences": owner]
        func encoded(_ text: String) -> JSONValue { .string(Base64.encode(Array(text.utf8))) }
        let files: JSONValue = ["repository": encoded("http://\(store):token@vault:8000/\(store)/"), "password": encoded(password)]
        let secret: JSONValue = ["metadata": metadata, "data": files]
        #expect(driver.send("POST", "/api/v1/namespaces/\(namespace)/secrets", secret).status == 201)
        let policy: JSONValue = ["metadata": metadata, "spec": ["podSelector": .object([:])]]
        #expect(driver.send("POST", "/apis/networking.k8s.io/v1/namespaces/\(namespace)/networkpolicies", policy).status == 201)
    }

    private func isOver(_ job: String, in namespace: String = "store") -> Bool {
        ["Complete", "Failed"].contains { driver.object(.jobs, job, in: namespace).condition($0)["status"] == "True" }
    }

    private func pod(of job: String, in namespace: String = "store") -> JSONValue {
        PodFactory.pods(of: driver.object(.jobs, job, in: namespace), in: cluster).first ?? .null
    }

    /// How a container of a job's pod ended.
    private func end(_ container: String, of job: String, in namespace: String = "store") -> JSONValue {
        pod(of: job, in: namespace).status["containerStatuses"].array.first { $0["name"].string == container }?["state"]["terminated"]
            ?? .null
    }

    /// The termination message of a job that ended.
    private func message(of job: String, in namespace: String = "store", comment: Comment? = nil) throws -> JSONValue {
        #expect(driver.comes(within: 120) { isOver(job, in: namespace) }, comment)
        return try JSONReader.read(Array(#require(end("keeper", of: job, in: namespace)["message"].string, comment).utf8))
    }

    private func back(up id: String, uploads: Bool = true) throws -> JSONValue {
        make("keeper-" + id, ["KEEPER_TASK": "backup", "KEEPER_BACKUP": id], uploads: uploads)
        return try message(of: "keeper-" + id)
    }

    private func restore(_ snapshot: String, _ variables: [String: String] = [:], in namespace: String = "store") -> [String: String] {
        ["KEEPER_TASK": "restore", "KEEPER_SNAPSHOT": snapshot].merging(variables) { $1 }
    }

    @Test("a backup says what it saved, in a pod that ended as on a real cluster") func backup() throws {
        order("first")
        let said = try back(up: "0123456789ab")
        #expect(
            said["snapshot"].string?.wholeMatch(of: /[0-9a-f]{64}/) != nil && said["files"].string?.wholeMatch(of: /[0-9a-f]{64}/) != nil
        )
        #expect(
            (said["orders"].int, said["products"].int) == (1, 1) && said["databaseBytes"].int ?? 0 > 0 && said["fileBytes"].int ?? 0 > 0
        )
        let job = driver.object(.jobs, "keeper-0123456789ab")
        #expect(job.condition("Complete")["status"] == "True" && job.status["succeeded"] == 1)
        let pod = pod(of: "keeper-0123456789ab")
        #expect(pod.status["phase"] == "Succeeded" && pod.status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0)
        let database = end("database", of: "keeper-0123456789ab")
        #expect(database["exitCode"] == 0 && database["reason"] == "Completed" && database["message"].isNull)
        #expect(try back(up: "0123456789ac", uploads: false)["files"] == "")
        let told = driver.send("GET", "/simulator/vault").body["repositories"]["a1b2c3d4e5f6"]
        #expect(told.array.map { $0["kind"].string } == ["database", "uploads", "database"] && told[0]["id"] == said["snapshot"])
    }

    @Test("a restore brings back what was saved, and takes what came after") func restore() throws {
        order("first")
        let saved = try back(up: "0123456789ab")
        order("second")
        make("restore", restore(saved["snapshot"].string ?? "", ["KEEPER_FILES": saved["files"].string ?? ""]))
        #expect(try message(of: "restore")["restored"] == true)
        #expect(orders() == ["first"])
    }

    @Test("carts that are opened after a restore are no others' from before it") func carts() throws {
        let saved = try back(up: "0123456789ab")
        var ledger = cluster.ledger(of: "store")
        let lost = ledger.open("cart")
        cluster.setLedger(ledger, of: "store")
        make("restore", restore(saved["snapshot"].string ?? ""))
        _ = try message(of: "restore")
        ledger = cluster.ledger(of: "store")
        #expect(ledger[lost] == nil && ledger.open("cart") != lost)
    }

    @Test("a store is restored into another namespace when its own is gone") func clone() throws {
        order("first")
        let saved = try back(up: "0123456789ab")
        _ = driver.send("DELETE", "/api/v1/namespaces/store")
        #expect(driver.comes(within: 60) { driver.object(.namespaces, "store", in: "").isNull })
        makeStore("copy")
        order("lost", in: "copy")
        make("restore", restore(saved["snapshot"].string ?? ""), in: "copy")
        #expect(try message(of: "restore", in: "copy")["restored"] == true)
        #expect(orders(in: "copy") == ["first"])
    }

    @Test("what a store has sold outlives its pods, and dies with the claim") func volume() throws {
        order("first")
        _ = driver.send("DELETE", "/api/v1/namespaces/store/pods/app-0")
        #expect(driver.comes(within: 60) { driver.isAnyReady() })
        #expect(orders() == ["first"])
        _ = driver.send("DELETE", "/apis/apps/v1/namespaces/store/statefulsets/app")
        _ = driver.send("DELETE", "/api/v1/namespaces/store/persistentvolumeclaims/data")
        #expect(driver.comes(within: 60) { driver.object(.persistentvolumeclaims, "data").isNull })
        #expect(orders() == [] && cluster.ledgers.isEmpty)
    }

    @Test("pruning removes what is forgotten, once and again, and nothing of a repository that is damaged") func prune()
        throws
    {
        let first = try back(up: "0123456789ab")
        let second = try back(up: "0123456789ac")
        let task = [
            "KEEPER_TASK": "prune", "KEEPER_KEEP": "0123456789ac 0123456789ad", "KEEPER_FORGET": "0123456789ab", "KEEPER_CHECK": "3/12",
            "KEEPER_DATABASE_HOST": "",
        ]
        make("everything", task.merging(["KEEPER_KEEP": ""]) { $1 })
        #expect(try message(of: "everything")["error"] == "task-failed")
        cluster.setFaults([Fault(.repositoryDamaged, count: 1)], on: "store")
        make("damaged", task)
        #expect(try message(of: "damaged")["error"] == "check-failed")
        make("there", restore(first["snapshot"].string ?? ""))
        #expect(try message(of: "there")["restored"] == true)
        for name in ["prune", "again"] {
            make(name, task)
            #expect(try message(of: name) == ["checked": true, "pruned": true])
        }
        make("gone", restore(first["snapshot"].string ?? ""))
        #expect(try message(of: "gone")["error"] == "no-snapshot")
        make("kept", restore(second["snapshot"].string ?? ""))
        #expect(try message(of: "kept")["restored"] == true)
    }

    @Test("what does not fit is refused, each with its word") func refusals() throws {
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        let task = restore(saved)
        make("key", task, password: "other")
        make("repository", task, store: "b1b2c3d4e5f6")
        make("refused", task.merging(["KEEPER_STORE": "b1b2c3d4e5f6"]) { $1 })
        make("task", ["KEEPER_TASK": "copy"])
        make("engine", task.merging(["KEEPER_ENGINE": ""]) { $1 })
        make("files", task.merging(["KEEPER_FILES": saved]) { $1 }, uploads: false)
        let words = [
            "engine": "task-failed", "files": "files-failed", "key": "wrong-key", "repository": "no-repository", "refused": "vault-refused",
            "task": "task-failed",
        ]
        for (job, word) in words {
            let said = try message(of: job, comment: "\(job)")
            #expect(said["error"].string == word && said["message"].string?.isEmpty == false, "\(job)")
            #expect(
                driver.object(.jobs, job).condition("Failed")["reason"] == "BackoffLimitExceeded" && end("keeper", of: job)["exitCode"] == 1
            )
        }
    }

    @Test("a database that does not run fails a backup and a restore when the time is over, and a late one does not") func databaseAway()
        throws
    {
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        func scale(to count: Int) {
            let patch: JSONValue = ["spec": ["replicas": JSONValue(count)]]
            _ = driver.send("PATCH", "/apis/apps/v1/namespaces/store/statefulsets/app", patch, type: "application/merge-patch+json")
        }
        scale(to: 0)
        #expect(driver.comes(within: 60) { !driver.isAnyReady() })
        driver.pass(1)
        make("backup", ["KEEPER_TASK": "backup", "KEEPER_BACKUP": "0123456789ac"])
        make("restore", restore(saved))
        #expect(try message(of: "backup")["error"] == "dump-failed")
        #expect(try message(of: "restore")["error"] == "load-failed")
        make("late", ["KEEPER_TASK": "backup", "KEEPER_BACKUP": "0123456789ad"])
        driver.pass(5)
        scale(to: 1)
        #expect(try message(of: "late")["snapshot"].string?.count == 64)
    }

    @Test("faults fail the tasks that they concern, and nothing else", arguments: [Fault.Kind.dumpFails, .vaultAway])
    func faults(kind: Fault.Kind) throws {
        order("first")
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        order("second")
        cluster.setFaults([Fault(kind, message: "said so")], on: "store")
        make("backup", ["KEEPER_TASK": "backup", "KEEPER_BACKUP": "0123456789ac"])
        make("restore", restore(saved))
        let word = kind == .dumpFails ? "dump-failed" : "vault-away"
        #expect(try message(of: "backup") == ["error": .string(word), "message": "said so"])
        #expect(driver.send("GET", "/simulator/vault").body["repositories"]["a1b2c3d4e5f6"].array.count == 2)
        #expect(try message(of: "restore")["error"].string == (kind == .dumpFails ? nil : word))
        #expect(orders() == (kind == .dumpFails ? ["first"] : ["first", "second"]))
    }

    @Test("a keeper that hangs ends with its Job's deadline, and has done nothing") func hangs() throws {
        order("first")
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        order("second")
        cluster.setFaults([Fault(.keeperHangs)], on: "store")
        make("restore", restore(saved))
        driver.pass(500)
        #expect(!isOver("restore") && pod(of: "restore").status["phase"] == "Running")
        #expect(driver.comes(within: 200) { isOver("restore") })
        #expect(driver.object(.jobs, "restore").condition("Failed")["reason"] == "DeadlineExceeded")
        #expect(driver.comes(within: 60) { pod(of: "restore").isNull })
        #expect(orders() == ["first", "second"])
    }

    @Test("a Job whose pod is killed has failed, makes no other, and nothing is half done") func killed() throws {
        order("first")
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        order("second")
        make("restore", restore(saved))
        #expect(driver.comes(within: 60) { pod(of: "restore").status["phase"] == "Running" })
        _ = driver.send("DELETE", "/api/v1/namespaces/store/pods/\(pod(of: "restore").name)")
        #expect(driver.comes(within: 60) { isOver("restore") && pod(of: "restore").isNull })
        driver.pass(30)
        #expect(driver.object(.jobs, "restore").condition("Failed")["reason"] == "BackoffLimitExceeded" && pod(of: "restore").isNull)
        #expect(orders() == ["first", "second"])
    }

    @Test("a restore that is killed halfway leaves an empty database, and the next one fills it") func restoreHalf() throws {
        order("first")
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        cluster.setFaults([Fault(.restoreHalf, count: 1)], on: "store")
        make("half", restore(saved))
        #expect(driver.comes(within: 60) { isOver("half") })
        #expect(driver.object(.jobs, "half").condition("Failed")["status"] == "True" && end("keeper", of: "half")["message"].isNull)
        #expect(end("keeper", of: "half")["exitCode"] == 137 && orders() == [] && cluster.ledger(of: "store").products == 0)
        make("whole", restore(saved))
        #expect(try message(of: "whole")["restored"] == true)
        #expect(orders() == ["first"] && cluster.ledger(of: "store").products == 1)
    }

    @Test("what a Job owns goes with it", arguments: [true, false])
    func ownedObjects(byTime: Bool) throws {
        _ = try back(up: "0123456789ab")
        if byTime {
            driver.pass(3700)
        } else {
            let options: JSONValue = ["propagationPolicy": "Background"]
            #expect(driver.send("DELETE", "/apis/batch/v1/namespaces/store/jobs/keeper-0123456789ab", options).status == 200)
        }
        for kind in [Kind.jobs, .secrets, .networkpolicies] {
            #expect(driver.comes(within: 60) { driver.object(kind, "keeper-0123456789ab").isNull }, "\(kind)")
        }
        #expect(driver.comes(within: 60) { driver.pods().allSatisfy { $0.name == "app-0" } })
    }

    @Test("the vault says how large a repository is and forgets it for whoever signs in, and nothing else is asked of it") func removal()
        throws
    {
        let saved = try back(up: "0123456789ab")["snapshot"].string ?? ""
        #expect(driver.send("DELETE", "/a1b2c3d4e5f6/").status == 401)
        #expect(driver.send("GET", "/a1b2c3d4e5f6/", headers: ["authorization": "Basic eA=="]).body["bytes"] == 131_072)
        #expect(driver.send("DELETE", "/a1b2c3d4e5f6/", headers: ["authorization": "Basic eA=="]).body["removed"] == true)
        #expect(driver.send("DELETE", "/a1b2c3d4e5f6/", headers: ["authorization": "Basic eA=="]).body["removed"] == false)
        for (method, path) in [("PUT", "/a1b2c3d4e5f6/"), ("DELETE", "/abc/"), ("DELETE", "/a1b2c3d4e5f6/data/x")] {
            #expect(driver.send(method, path, headers: ["authorization": "Basic eA=="]).status == 404)
        }
        make("keeper-again", restore(saved))
        #expect(try message(of: "keeper-again")["error"] == "no-repository")
    }
}
