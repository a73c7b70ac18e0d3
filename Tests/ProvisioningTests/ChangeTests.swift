import Cluster
import ClusterSimulator
import Foundation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

/// Changes of stores that serve, against the real chart and Helm.
@Suite(.serialized, .timeLimit(.minutes(20))) struct ChangeTests {
    private struct Made {
        var outcome: AttemptOutcome
        var spec: StoreSpec
        var values: String
        var notes: Notes
    }

    /// Installs the store, and returns what its first generation became.
    private func install(_ cluster: TestCluster) async throws -> AppliedSpec {
        let notes = Notes()
        let outcome = try await cluster.run(.running, notes)
        guard case .ready = outcome else { throw TestSupportError(message: "the store is not ready: \(outcome)") }
        let found = try #require(notes.resolution)
        return AppliedSpec(name: cluster.store.name, spec: found.spec, values: found.values)
    }

    private func change(
        _ cluster: TestCluster,
        from applied: AppliedSpec,
        notes: Notes = Notes(),
        _ alter: (inout StoreSpec) -> Void
    ) async throws -> Made {
        var store = cluster.store
        store.spec = applied.spec
        alter(&store.spec)
        let outcome = try await cluster.provisioner.run(
            store,
            desired: store.spec.desiredState,
            everReady: true,
            isChange: true,
            known: KnownValues(applied: applied),
            lease: cluster.lease,
            journal: notes
        )
        return Made(outcome: outcome, spec: notes.resolution?.spec ?? store.spec, values: notes.resolution?.values ?? "", notes: notes)
    }

    private func object(_ cluster: TestCluster, _ path: String) async throws -> JSON {
        try #require(try await cluster.kubernetes.get(path.replacing("NS", with: cluster.store.namespace.rawValue)), "\(path)")
    }

    @Test("the first attempt finds what the spec leaves open, and records all values") func first() async throws {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            #expect(applied.spec.host == "acme.localhost" && applied.spec.storageClass == "" && applied.spec.database == VolumeSize("1Gi"))
            #expect(applied.spec.version == (try cluster.provisioner.settings.charts.chart(of: .woocommerce))?.version)
            let values = try JSON(data: Data(try #require(applied.values).utf8))
            #expect(!values["plans"]["large"].isNull && values["scheme"] == "http" && values["networkPolicy"]["nodeCidrs"] == [])
        }
    }

    @Test("another plan is applied, and nothing else of the store changes, whatever files and settings say now") func plan() async throws {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            let folder = try editedChart()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let moved = cluster.with {
                $0.addressing = StoreAddressing(scheme: .https, suffix: ".elsewhere.example.com", port: 8443)
                $0.charts = ChartCatalog(current: [.woocommerce: folder], valuesFile: "values-local.yaml")
                $0.installation.imageRegistry = "registry.example.com"
                $0.installation.storageClass = "other"
            }
            let before = try await object(cluster, "/apis/networking.k8s.io/v1/namespaces/NS/ingresses/wordpress-ingress")["spec"]
            let made = try await change(moved, from: applied) { $0.plan = .medium }
            #expect(made.outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"))
            #expect(try await object(cluster, "/apis/networking.k8s.io/v1/namespaces/NS/ingresses/wordpress-ingress")["spec"] == before)
            let pod = try await object(cluster, "/apis/apps/v1/namespaces/NS/deployments/wordpress")["spec"]["template"]["spec"]
            let container = pod["containers"].items.first { $0["name"] == "wordpress" } ?? .null
            #expect(container["resources"]["limits"]["memory"] == "1Gi")
            #expect(container["image"].string?.hasPrefix("registry.example.com") == false)
            let claim = try await object(cluster, "/api/v1/namespaces/NS/persistentvolumeclaims/mysql-data")["spec"]
            #expect(claim["resources"]["requests"]["storage"] == "1Gi" && claim["storageClassName"] != "other")
        }
    }

    /// A copy of the chart whose every default is another.
    private func editedChart() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chart-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: packageRoot + "/helm/store", toPath: folder)
        for name in ["values.yaml", "values-local.yaml"] {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            let edited = text.replacing("size: 1Gi", with: "size: 3Gi").replacing("size: 5Gi", with: "size: 7Gi")
                .replacing("memory: 1Gi", with: "memory: 3Gi").replacing("Sample Mug", with: "Another Mug")
                .replacing("className: traefik", with: "className: nginx")
            try edited.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
        }
        return folder
    }

    @Test("a store of before values were recorded keeps those of its release, and the sizes of its volumes") func adopted() async throws {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            let folder = try editedChart()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let moved = cluster.with {
                $0.addressing = StoreAddressing(scheme: .http, suffix: ".elsewhere.example.com")
                $0.charts = ChartCatalog(current: [.woocommerce: folder], valuesFile: "values-local.yaml")
            }
            let before = AppliedSpec(name: applied.name, spec: StoreSpec(), values: nil)
            let made = try await change(moved, from: before) { $0.adminRevision = 1 }
            #expect(made.outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"))
            var expected = applied.spec
            expected.adminRevision = 1
            #expect(made.spec == expected)
            // Helm forgets members that are null, which is what they mean.
            let recorded = try JSON(data: Data(try #require(applied.values).utf8)).setting(["adminRevision"], to: .integer(1))
            #expect(try JSON(data: Data(made.values.utf8)).withoutNulls == recorded.withoutNulls)
        }
    }

    @Test("a change that fails gives the store back what it had, and tells why") func back() async throws {
        try await TestCluster.with(limit: .seconds(6)) { cluster in
            let applied = try await install(cluster)
            let secret = try await object(cluster, "/api/v1/namespaces/NS/secrets/wordpress-secret")["data"]
            let pod = try await object(cluster, "/apis/apps/v1/namespaces/NS/deployments/wordpress")["spec"]["template"]
            // No node has room for the new pods, but for those of before.
            let namespace = cluster.store.namespace.rawValue
            await cluster.simulator.setFaults([Fault(.pending)], on: namespace)
            let notes = Notes { line in
                if line.hasPrefix("goes back") { await cluster.simulator.setFaults([], on: namespace) }
            }
            let made = try await change(cluster, from: applied, notes: notes) { $0.plan = .large }
            guard case .ready(_, _, let change?) = made.outcome else {
                Issue.record("\(made.outcome): \(made.notes.all)")
                return
            }
            #expect(change.code == "unschedulable", "\(change)")
            #expect(try await object(cluster, "/api/v1/namespaces/NS/secrets/wordpress-secret")["data"] == secret)
            #expect(try await object(cluster, "/apis/apps/v1/namespaces/NS/deployments/wordpress")["spec"]["template"] == pod)
            #expect(made.notes.all.contains { $0.hasPrefix("goes back: ") })
            // An attempt that takes over from one that was going back tries the change no more.
            var store = cluster.store
            store.spec = applied.spec
            store.spec.plan = .medium
            let outcome = try await cluster.provisioner.run(
                store,
                desired: .running,
                everReady: true,
                isChange: true,
                known: KnownValues(applied: applied, failure: change),
                lease: cluster.lease,
                journal: Notes()
            )
            #expect(outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0", change: change))
            #expect(try await object(cluster, "/apis/apps/v1/namespaces/NS/deployments/wordpress")["spec"]["template"] == pod)
        }
    }

    @Test("an app that finds no room beside its predecessor takes its place instead") func crowded() async throws {
        try await TestCluster.with(limit: .seconds(20)) { cluster in
            let applied = try await install(cluster)
            let path = "/apis/apps/v1/namespaces/NS/deployments/wordpress"
            #expect(try await object(cluster, path)["spec"]["strategy"]["type"] == "RollingUpdate")
            let namespace = cluster.store.namespace.rawValue
            await cluster.simulator.setFaults([Fault(.pending)], on: namespace)
            let notes = Notes { line in
                if line.contains("no room for the new app") { await cluster.simulator.setFaults([], on: namespace) }
            }
            let made = try await change(cluster, from: applied, notes: notes) { $0.adminRevision = 1 }
            #expect(made.outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"), "\(notes.all)")
            #expect(try await object(cluster, path)["spec"]["strategy"]["type"] == "Recreate")
            // That there was no room once is nothing that the store keeps.
            let next = AppliedSpec(name: applied.name, spec: made.spec, values: made.values)
            _ = try await change(cluster, from: next) { $0.plan = .medium }
            #expect(try await object(cluster, path)["spec"]["strategy"]["type"] == "RollingUpdate")
        }
    }

    @Test("what cannot go back stays: a password that a pod may have taken, and a larger volume") func oneWay() async throws {
        try await TestCluster.with(limit: .seconds(6)) { cluster in
            let classes = try await cluster.kubernetes.list("/apis/storage.k8s.io/v1/storageclasses")
            let name = try #require(classes.first { $0["allowVolumeExpansion"].bool == true }?.name)
            let classed = cluster.with { $0.installation.storageClass = name }
            let applied = try await install(classed)
            let old = try await object(cluster, "/api/v1/namespaces/NS/secrets/wordpress-secret")["data"]["admin-password"]
            let namespace = cluster.store.namespace.rawValue
            await cluster.simulator.setFaults([Fault(.pending)], on: namespace)
            let notes = Notes { line in
                if line.hasPrefix("goes back") { await cluster.simulator.setFaults([], on: namespace) }
            }
            let made = try await change(classed, from: applied, notes: notes) {
                $0.plan = .large
                $0.adminRevision = 1
                $0.database = VolumeSize("2Gi")
            }
            guard case .ready(_, _, .some) = made.outcome else {
                Issue.record("\(made.outcome): \(notes.all)")
                return
            }
            let secret = try await object(cluster, "/api/v1/namespaces/NS/secrets/wordpress-secret")
            #expect(secret["data"]["admin-password"] != old && secret.annotation(StoreLabels.adminRevision) == "1")
            let orders = try await object(cluster, "/api/v1/namespaces/NS/configmaps/wordpress-store")["data"]["store.json"]
            #expect(orders.string?.contains("\"adminRevision\":1") == true, "\(orders)")
            let claim = try await object(cluster, "/api/v1/namespaces/NS/persistentvolumeclaims/mysql-data")
            #expect(claim["spec"]["resources"]["requests"]["storage"] == "2Gi")
        }
    }

    @Test("a release that a killed Helm left locked is applied forward, never back") func unlocked() async throws {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            let name = "sh.helm.release.v1.\(cluster.store.id).v1"
            let record = try await object(cluster, "/api/v1/namespaces/NS/secrets/" + name)
            // What Helm writes before it changes anything.
            let locked = record.setting(
                ["metadata"],
                to: ["name": .string(name.replacing(".v1.\(cluster.store.id).v1", with: ".v1.\(cluster.store.id).v2"))]
            )
            .setting(["metadata", "labels"], to: record["metadata"]["labels"])
            .setting(["metadata", "labels", "version"], to: "2").setting(["metadata", "labels", "status"], to: "pending-upgrade")
            _ = try await cluster.kubernetes.create("/api/v1/namespaces/\(cluster.store.namespace)/secrets", locked, under: cluster.lease)
            let made = try await change(cluster, from: applied) { $0.plan = .medium }
            #expect(made.outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"))
            #expect(made.notes.all.contains("Unlocked the release: an operation on it was interrupted"))
        }
    }

    @Test("a version that this worker does not have is left to another attempt, and told when there is none more") func missingVersion()
        async throws
    {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            let made = try await change(cluster, from: applied) { $0.version = ChartVersion("0.9.0") }
            guard case .failed(let message, permanent: false) = made.outcome else {
                Issue.record("\(made.outcome)")
                return
            }
            #expect(message.hasPrefix("The worker does not have version 0.9.0 of woocommerce's chart."))
        }
    }

    @Test("another version of the chart brings its own defaults, and the store keeps its sizes, class and address") func upgrade()
        async throws
    {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            let archive = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: archive) }
            try FileManager.default.createDirectory(atPath: archive + "/woocommerce", withIntermediateDirectories: true)
            let folder = try editedChart()
            let chart = try String(contentsOfFile: folder + "/Chart.yaml", encoding: .utf8)
            try chart.replacing(/version: [0-9.]+/, with: "version: 7.0.0", maxReplacements: 1)
                .write(toFile: folder + "/Chart.yaml", atomically: true, encoding: .utf8)
            try FileManager.default.moveItem(atPath: folder, toPath: archive + "/woocommerce/7.0.0")
            let both = cluster.with {
                $0.charts = ChartCatalog(
                    current: [.woocommerce: packageRoot + "/helm/store"],
                    archive: archive,
                    valuesFile: "values-local.yaml"
                )
            }
            #expect(both.provisioner.settings.charts.facts().map(\.version.rawValue).contains("7.0.0"))
            let made = try await change(both, from: applied) { $0.version = ChartVersion("7.0.0") }
            #expect(made.outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"))
            #expect(made.spec.version == ChartVersion("7.0.0") && made.spec.database == applied.spec.database)
            #expect(try JSON(data: Data(made.values.utf8))["store"]["sampleProducts"].items.first?["name"] == "Another Mug")
            let claim = try await object(cluster, "/api/v1/namespaces/NS/persistentvolumeclaims/mysql-data")
            #expect(claim["spec"]["resources"]["requests"]["storage"] == "1Gi")
        }
    }

    @Test("a store falls asleep with its volumes kept, and wakes as it was") func sleep() async throws {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            let claim = try await object(cluster, "/api/v1/namespaces/NS/persistentvolumeclaims/mysql-data").uid
            let asleep = try await change(cluster, from: applied) { $0.isAsleep = true }
            #expect(asleep.outcome == .ready(url: "http://acme.localhost", engineVersion: nil), "\(asleep.notes.all)")
            #expect(try await cluster.kubernetes.list("\(cluster.namespacePath)/pods").isEmpty)
            let rule = try await object(cluster, "/apis/networking.k8s.io/v1/namespaces/NS/ingresses/wordpress-ingress")["spec"]["rules"]
            #expect(rule.items.first?["http"]["paths"].items.first?["path"] == "/-/asleep")
            let slept = AppliedSpec(name: applied.name, spec: asleep.spec, values: asleep.values)
            let awake = try await change(cluster, from: slept) { $0.isAsleep = false }
            #expect(awake.outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"), "\(awake.notes.all)")
            #expect(try await object(cluster, "/api/v1/namespaces/NS/persistentvolumeclaims/mysql-data").uid == claim)
            #expect(awake.values == applied.values)
            // A sleeping store can be changed, and be deleted.
            let renewed = try await change(cluster, from: slept) { $0.adminRevision = 1 }
            #expect(renewed.outcome == .ready(url: "http://acme.localhost", engineVersion: nil))
            #expect(try await cluster.kubernetes.list("\(cluster.namespacePath)/pods").isEmpty)
            #expect(try await cluster.run(.gone) == .gone)
        }
    }

    @Test("a change of a store whose namespace or volume is lost fails, and nothing is made in its place", arguments: [true, false])
    func lost(isWhole: Bool) async throws {
        try await TestCluster.with { cluster in
            let applied = try await install(cluster)
            if isWhole {
                #expect(try await cluster.run(.gone) == .gone)
            } else {
                let path = cluster.namespacePath + "/persistentvolumeclaims/mysql-data"
                // What uses a claim keeps it; nothing runs while the store sleeps.
                _ = try await change(cluster, from: applied) { $0.isAsleep = true }
                let uid = try #require(try await cluster.kubernetes.get(path)?.uid)
                try await cluster.kubernetes.delete(path, uid: uid, under: cluster.lease)
            }
            let made = try await change(cluster, from: applied) { $0.plan = .medium }
            guard case .failed(let message, permanent: true) = made.outcome else {
                Issue.record("\(made.outcome)")
                return
            }
            #expect(message.contains("is gone") && message.contains("Nothing was made in its place"))
            #expect(try await cluster.kubernetes.get(cluster.namespacePath + "/persistentvolumeclaims/mysql-data") == nil)
            #expect(try await (cluster.kubernetes.get(cluster.namespacePath) == nil) == isWhole)
        }
    }

    @Test(
        "a volume grows where its class can, and is awaited; where it cannot, nothing is touched and it is said",
        arguments: [true, false]
    )
    func volumes(canGrow: Bool) async throws {
        try await TestCluster.with { cluster in
            let classes = try await cluster.kubernetes.list("/apis/storage.k8s.io/v1/storageclasses")
            let name = try #require(classes.first { ($0["allowVolumeExpansion"].bool == true) == canGrow }?.name)
            let classed = cluster.with { $0.installation.storageClass = name }
            let applied = try await install(classed)
            #expect(applied.spec.storageClass == name)
            let before = try await cluster.changes().count
            let made = try await change(classed, from: applied) {
                $0.database = VolumeSize("3Gi")
                $0.plan = .medium
            }
            let claim = try await object(cluster, "/api/v1/namespaces/NS/persistentvolumeclaims/mysql-data")
            guard case .ready(_, _, let change) = made.outcome else {
                Issue.record("\(made.outcome)")
                return
            }
            if canGrow {
                #expect(change == nil && claim["status"]["capacity"]["storage"] == "3Gi" && made.spec.database == VolumeSize("3Gi"))
            } else {
                #expect(change?.code == "volume-cannot-grow" && change?.message.contains("mysql-data stays at 1Gi") == true)
                #expect(claim["spec"]["resources"]["requests"]["storage"] == "1Gi")
                #expect(try await cluster.changes().count == before)
            }
        }
    }
}

extension JSON {
    fileprivate var withoutNulls: JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !$0.value.isNull }.mapValues(\.withoutNulls))
    }
}
