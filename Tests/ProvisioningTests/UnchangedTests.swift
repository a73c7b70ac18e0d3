import Cluster
import ClusterSimulator
import Foundation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

/// Stores are what they were made as, whatever the worker's files and settings say later.
@Suite(.serialized, .timeLimit(.minutes(10))) struct UnchangedTests {
    /// Half of each engine. TEST_UNCHANGED_STORES=50 is what was shown once.
    private static let stores = Int(ProcessInfo.processInfo.environment["TEST_UNCHANGED_STORES"] ?? "") ?? 6
    private static let kinds = [
        "/apis/apps/v1/NS/deployments", "/apis/apps/v1/NS/statefulsets", "/api/v1/NS/services", "/api/v1/NS/configmaps",
        "/api/v1/NS/persistentvolumeclaims", "/api/v1/NS/resourcequotas", "/api/v1/NS/limitranges",
        "/apis/networking.k8s.io/v1/NS/ingresses", "/apis/networking.k8s.io/v1/NS/networkpolicies",
    ]

    /// Every object of the store, but for what Kubernetes writes into it.
    private func objects(of store: Store, _ kubernetes: KubernetesClient) async throws -> [String: JSON] {
        var found: [String: JSON] = [:]
        for kind in Self.kinds {
            for object in try await kubernetes.list(kind.replacing("NS", with: "namespaces/\(store.namespace)")) {
                var members = object.members
                members["status"] = nil
                var metadata = object["metadata"].members
                for key in ["resourceVersion", "generation", "managedFields"] { metadata[key] = nil }
                members["metadata"] = .object(metadata)
                found["\(kind)/\(object.name)"] = .object(members)
            }
        }
        return found
    }

    /// Where two values differ, e.g. `spec.template.metadata.annotations.x`.
    private func differences(_ one: JSON, _ other: JSON, at path: String) -> [String] {
        switch (one, other) {
        case (.object(let left), .object(let right)):
            Set(left.keys).union(right.keys).sorted().flatMap { differences(left[$0] ?? .null, right[$0] ?? .null, at: "\(path).\($0)") }
        case (.array(let left), .array(let right)) where left.count == right.count:
            zip(left, right).enumerated().flatMap { differences($1.0, $1.1, at: "\(path)[\($0)]") }
        default: one == other ? [] : [path]
        }
    }

    /// What the set-up is told.
    private func orders(in objects: [String: JSON]) throws -> JSON {
        let map = try #require(objects.first { $0.key.hasSuffix("-store") && $0.key.contains("/configmaps/") }?.value)
        return try JSON(data: Data(try #require(map["data"]["store.json"].string).utf8))
    }

    /// Copies of the charts in which every size, limit, name and number of the files of values is another.
    private func editedCharts() throws -> (folder: String, charts: [Engine: String]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "charts-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var charts: [Engine: String] = [:]
        for (engine, name) in [(Engine.woocommerce, "store"), (.medusa, "medusa-store")] {
            charts[engine] = folder + "/" + name
            try FileManager.default.copyItem(atPath: packageRoot + "/helm/" + name, toPath: folder + "/" + name)
            for file in ["values.yaml", "values-local.yaml"] {
                let path = folder + "/" + name + "/" + file
                let edited = try String(contentsOfFile: path, encoding: .utf8)
                    .replacing(/\b(\d+)(Mi|Gi|m|MB|M)\b/) { "\((Int($0.1) ?? 1) + 1)\($0.2)" }
                    .replacing(/(maxConnections|workers|setupTimeoutSeconds): (\d+)/) { "\($0.1): \((Int($0.2) ?? 1) + 1)" }
                    .replacing(/repository: ([a-z\/-]+)/) { "repository: other/\($0.1)" }
                    .replacing("Sample", with: "Other").replacing("traefik", with: "nginx").replacing("USD", with: "EUR")
                    .replacing("kube-system", with: "elsewhere").replacing("plan: small", with: "plan: large")
                try edited.write(toFile: path, atomically: true, encoding: .utf8)
            }
        }
        return (folder, charts)
    }

    @Test("after every default and every suffix was changed, a new password changes nothing else of any store") func unchanged()
        async throws
    {
        let (folder, charts) = try editedCharts()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await TestCluster.with { cluster in
            let first = cluster.with {
                $0.charts = ChartCatalog(
                    current: [.woocommerce: packageRoot + "/helm/store", .medusa: packageRoot + "/helm/medusa-store"],
                    valuesFile: "values-local.yaml"
                )
                $0.limits[.medusa] = .seconds(120)
            }
            let later = first.with {
                $0.charts = ChartCatalog(current: charts, valuesFile: "values-local.yaml")
                $0.addressing = StoreAddressing(scheme: .https, suffix: ".elsewhere.example.com", port: 8443)
                $0.installation.imageRegistry = "registry.example.com"
                $0.installation.storageClass = "other"
                $0.installation.ingressClass = "other"
                $0.installation.internetPorts = [8_080]
            }
            for number in 0..<Self.stores {
                let name = try StoreName("Store \(number)")
                var store = cluster.store
                store.id = .random()
                store.name = name
                store.engine = number.isMultiple(of: 2) ? .woocommerce : .medusa
                store.namespace = .preferred(for: name)
                let notes = Notes()
                func run(_ provisioner: Provisioner, _ known: KnownValues) async throws -> AttemptOutcome {
                    try await provisioner.run(
                        store,
                        desired: .running,
                        everReady: known.applied != nil,
                        isChange: known.applied != nil,
                        known: known,
                        lease: cluster.lease,
                        journal: notes
                    )
                }
                guard case .ready(let url, _, nil) = try await run(first.provisioner, KnownValues()) else {
                    throw TestSupportError(message: "\(name) did not become ready: \(notes.all)")
                }
                let made = try #require(notes.resolution)
                let before = try await objects(of: store, cluster.kubernetes)
                #expect(before.count > 10)
                store.spec = made.spec
                store.spec.adminRevision = 1
                let applied = AppliedSpec(name: name, spec: made.spec, values: made.values)
                guard case .ready(let again, _, nil) = try await run(later.provisioner, KnownValues(applied: applied)) else {
                    throw TestSupportError(message: "\(name) did not get its password: \(notes.all)")
                }
                #expect(again == url)
                let after = try await objects(of: store, cluster.kubernetes)
                let changed = differences(.object(before), .object(after), at: "")
                // The set-up's orders, by which the app's pod takes the new password, and what follows from them.
                let told = changed.filter { $0.hasSuffix("-store.data.store.json") }
                #expect(told.count == 1, "\(changed)")
                #expect(changed.filter { $0.hasSuffix(".annotations.checksum/store") }.count == 1, "\(changed)")
                #expect(changed.filter { $0.hasSuffix(".annotations.deployment.kubernetes.io/revision") }.count == 1, "\(changed)")
                #expect(changed.count == 3, "\(changed)")
                #expect(try orders(in: after) == orders(in: before).setting(["adminRevision"], to: .integer(1)))
                _ = try await first.provisioner.run(store, desired: .gone, everReady: true, lease: cluster.lease, journal: Notes())
            }
        }
    }
}
