import Cluster
import Foundation
import StoreDomain
import Testing

@testable import Provisioning

/// What a task's pod is made of, and what it says at its end.
@Suite struct KeeperTests {
    private let store: Store

    init() throws {
        store = Store(
            id: try #require(StoreID("abcdef012345")),
            name: try StoreName("Acme"),
            engine: .woocommerce,
            status: .ready,
            namespace: try #require(StoreNamespace("store-acme")),
            owner: nil,
            createdAt: Date(),
            updatedAt: Date()
        )
    }

    private let contents = BackupContents(
        snapshot: String(repeating: "a", count: 64),
        files: String(repeating: "b", count: 64),
        databaseBytes: 1,
        fileBytes: 2,
        addedBytes: 3,
        products: 4,
        orders: 5
    )

    private var backup: Backup {
        Backup(
            id: BackupID("0123456789ab")!,
            store: StoreID("fedcba543210")!,
            kind: .manual,
            status: .done,
            createdAt: Date(),
            contents: contents
        )
    }

    private func objects(
        _ task: KeeperTask,
        vault: String = "http://store-vault.store-weaver.svc:8080",
        appRuns: Bool = true,
        version: ChartVersion? = nil
    ) throws -> KeeperObjects {
        let settings = KeeperSettings(vault: try #require(VaultAddress(vault)), image: "registry.example.com/store-keeper:1.0.0") {
            store,
            right in
            SecretText(value: "TOKEN-\(store)-\(right.rawValue)")
        }
        func part(_ component: String, _ name: String, _ spec: JSON) -> JSON {
            let labels: JSON = ["app.kubernetes.io/component": .string(component), "store-weaver.dev/store-id": "abcdef012345"]
            return ["metadata": ["name": .string(name), "labels": labels], "spec": spec]
        }
        let database: JSON = [
            "containers": [["image": "mysql:8.4"]], "securityContext": ["runAsUser": .integer(999)], "tolerations": [["key": "a"]],
        ]
        let app: JSON = ["securityContext": ["runAsUser": .integer(33)]]
        let place = try #require(
            KeeperPlace(
                of: store,
                statefulSets: [part("database", "mysql", ["serviceName": "mysql", "template": ["spec": database]])],
                deployments: [part("app", "wordpress", ["replicas": .integer(appRuns ? 1 : 0), "template": ["spec": app]])],
                claims: [part("database", "mysql-data", [:]), part("app", "wordpress-uploads", [:])]
            )
        )
        return KeeperObjects(
            task: task,
            store: store,
            place: place,
            settings: settings,
            dns: ["namespace": "dns", "cidrs": ["169.254.20.10/32"]],
            room: KeeperRoom(in: version)
        )
    }

    private var forgotten: BackupID { BackupID("0123456789ac")! }
    private var upkeep: RepositoryUpkeep { RepositoryUpkeep(keeping: [backup.id], forgetting: [forgotten], week: 25)! }

    @Test("a repository's data is read in twelve parts, one each week, and one that would keep nothing is left alone") func upkeeps() {
        let task = KeeperTask.prune(upkeep, of: backup.store, by: JobID(7)!)
        let environment = Dictionary(uniqueKeysWithValues: task.environment.map { ($0.name, $0.value) })
        #expect(environment["KEEPER_KEEP"] == "0123456789ab" && environment["KEEPER_CHECK"] == "2/12")
        #expect(environment["KEEPER_FORGET"] == "0123456789ac")
        #expect(Set((0..<12).compactMap { RepositoryUpkeep(keeping: [backup.id], week: $0)?.part }) == Set(1...12))
        #expect(RepositoryUpkeep(keeping: [], week: 1) == nil)
    }

    private func text(_ json: JSON) throws -> String { String(decoding: try json.data(), as: UTF8.self) }

    private let fence = Fence(number: 7, attemptID: "0123456789abcdef0123456789abcdef")

    @Test("nothing secret is in the Job: not in arguments, environment or names") func secrets() throws {
        for task in [
            KeeperTask.backup(backup), .restore(backup, contents, by: JobID(7)!), .prune(upkeep, of: backup.store, by: JobID(7)!),
        ] {
            let objects = try objects(task)
            let job = try text(objects.job(by: fence))
            #expect(!job.contains("TOKEN") && !job.contains("PASSWORD-"))
            let rest = objects.belongings(of: ObjectIdentity(name: task.name, uid: "u"), password: SecretText(value: "PASSWORD-1"))
            #expect(try rest.filter { try text($0.object).contains("PASSWORD-1") }.map(\.collection) == ["secrets"])
            #expect(try rest.filter { try text($0.object).contains("TOKEN") }.map(\.collection) == ["secrets"])
            #expect(rest.allSatisfy { $0.object["metadata"]["ownerReferences"].items.first?["uid"] == "u" })
            // Where another store's backup is loaded, its repository is opened, for reading alone.
            let repository = rest[0].object["stringData"]["repository"].string
            #expect(
                repository
                    == "http://fedcba543210:TOKEN-fedcba543210-\(task.folders[0].right.rawValue)@store-vault.store-weaver.svc:8080/fedcba543210/"
            )
        }
    }

    @Test("the pod is held to Pod Security's level restricted, and each container to resources") func restricted() throws {
        let job = try objects(.backup(backup)).job(by: fence)
        let pod = job["spec"]["template"]["spec"]
        #expect(pod["securityContext"]["runAsNonRoot"] == true && pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault")
        #expect(pod["automountServiceAccountToken"] == false && pod["tolerations"] == [["key": "a"]])
        let containers = pod["initContainers"].items + pod["containers"].items
        #expect(containers.map { $0["name"].string } == ["prepare", "database", "keeper"])
        for container in containers {
            let security = container["securityContext"]
            #expect(security["allowPrivilegeEscalation"] == false && security["readOnlyRootFilesystem"] == true)
            #expect(security["capabilities"] == ["drop": ["ALL"]])
            for kind in ["requests", "limits"] {
                #expect(Set(container["resources"][kind].members.keys) == ["cpu", "memory", "ephemeral-storage"])
            }
        }
        #expect(job["spec"]["suspend"] == true && job["spec"]["backoffLimit"] == .integer(0))
    }

    @Test(
        "a task takes what the quota of the store's chart has room for",
        arguments: [
            ("1.2.0", ["250m 256Mi", "500m 512Mi"]), ("1.1.0", ["150m 128Mi", "350m 384Mi"]), (nil, ["150m 128Mi", "350m 384Mi"]),
        ]
    )
    func room(_ version: String?, _ limits: [String]) throws {
        let job = try objects(.backup(backup), version: version.flatMap { ChartVersion($0) }).job(by: fence)
        let found = job["spec"]["template"]["spec"]["containers"].items.map { container in
            let limits = container["resources"]["limits"]
            return "\(limits["cpu"].string ?? "") \(limits["memory"].string ?? "")"
        }
        #expect(found == limits)
    }

    @Test("a backup reads the uploads and a restore writes them, beside the app where it runs") func uploads() throws {
        func volume(_ objects: KeeperObjects) -> JSON {
            objects.job(by: fence)["spec"]["template"]["spec"]["volumes"].items.first { $0["name"] == "uploads" }?["persistentVolumeClaim"]
                ?? .null
        }
        #expect(volume(try objects(.backup(backup))) == ["claimName": "wordpress-uploads", "readOnly": true])
        #expect(volume(try objects(.restore(backup, contents, by: JobID(7)!))) == ["claimName": "wordpress-uploads", "readOnly": false])
        #expect(volume(try objects(.prune(upkeep, of: backup.store, by: JobID(7)!))) == .null)
        func affinity(_ appRuns: Bool) throws -> JSON {
            try objects(.backup(backup), appRuns: appRuns).job(by: fence)["spec"]["template"]["spec"]["affinity"]
        }
        let beside = (try affinity(true), try affinity(false))
        #expect(!beside.0.isNull && beside.1.isNull)
    }

    @Test("the keeper reaches the database, names and the vault, and nothing else; nobody reaches it") func policies() throws {
        let rest = try objects(.backup(backup)).belongings(
            of: ObjectIdentity(name: "keeper-0123456789ab", uid: "u"),
            password: SecretText(value: "p")
        )
        let keeper = rest[1].object["spec"]
        #expect(keeper["policyTypes"] == ["Ingress", "Egress"] && keeper["ingress"].isNull && keeper["egress"].items.count == 3)
        #expect(keeper["egress"].items[0]["ports"].items.first?["port"] == .integer(3_306))
        #expect(keeper["egress"].items[1]["to"].items.map { $0["ipBlock"]["cidr"].string } == [nil, "169.254.20.10/32"])
        let vault: JSON = [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "store-weaver"]],
            "podSelector": ["matchLabels": ["app.kubernetes.io/component": "vault"]],
        ]
        #expect(keeper["egress"].items[2]["to"] == [vault])
        #expect(
            rest[2].object["spec"]["ingress"].items.count == 1
                && rest[2].object["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "database"
        )
    }

    @Test(
        "a vault outside the cluster is reached by its address, or by its port alone",
        arguments: [
            ("https://10.1.2.3:9000", "10.1.2.3/32"), ("http://[2001:db8::1]:80", "2001:db8::1/128"), ("https://vault.example.com", nil),
        ]
    )
    func outside(_ url: String, _ cidr: String?) throws {
        let rule = try #require(VaultAddress(url)).egressRule
        #expect(rule["to"].items.first?["ipBlock"]["cidr"].string == cidr && rule["ports"].items.count == 1)
    }

    @Test(
        "anything but a scheme, a host and a port is no vault",
        arguments: ["", "vault", "ftp://vault", "http://", "http://a/b", "http://u:p@a", "http://a?b", "http://a:99999"]
    )
    func noVault(_ text: String) { #expect(VaultAddress(text) == nil) }

    @Test("a report is read as it is meant, and anything else is none") func reports() {
        let snapshot = String(repeating: "a", count: 64)
        func report(_ text: String, _ kind: KeeperTask.Kind = .backup) -> KeeperReport? { KeeperReport(message: text, of: kind) }
        let whole = #"{"snapshot":"\#(snapshot)","files":"","databaseBytes":10,"fileBytes":0,"addedBytes":1,"products":2,"orders":3}"#
        #expect(
            report(whole)
                == .kept(
                    BackupContents(snapshot: snapshot, files: nil, databaseBytes: 10, fileBytes: 0, addedBytes: 1, products: 2, orders: 3)
                )
        )
        #expect(report(#"{"error":"vault-away","message":"away"}"#) == .failed(BackupFailure(code: "vault-away", message: "away")))
        #expect(report(#"{"restored":true,"products":4,"orders":5}"#, .restore) == .loaded(products: 4, orders: 5))
        #expect(report(#"{"restored":true}"#, .restore) == nil && report(#"{"checked":true,"pruned":true}"#, .prune) == .done)
        #expect(report(#"{"pruned":true}"#, .prune) == nil && report(#"{"checked":true}"#, .prune) == nil)
        for wrong in [
            "", "{}", "done", whole.replacing(snapshot, with: "abc"), whole.replacing("10", with: "0"), whole.replacing("10", with: "-1"),
            #"{"restored":true}"#, String(repeating: " ", count: 20_000) + whole,
        ] {
            #expect(report(wrong) == nil, "\(wrong.prefix(60))")
        }
        #expect(report(#"{"restored":false}"#, .restore) == nil && report(whole, .restore) == nil)
    }

    @Test("a loaded database has what was counted when its dump began or ended, or between") func counts() {
        var contents = contents
        #expect(
            contents.admits(products: 4, orders: 5) && !contents.admits(products: 4, orders: 6) && !contents.admits(products: 3, orders: 5)
        )
        (contents.productsAfter, contents.ordersAfter) = (3, 7)
        #expect(
            contents.admits(products: 3, orders: 6) && contents.admits(products: 4, orders: 7) && !contents.admits(products: 4, orders: 8)
        )
    }

    @Test("a store without a database has nothing to keep") func nothing() {
        #expect(KeeperPlace(of: store, statefulSets: [], deployments: [], claims: []) == nil)
    }
}
