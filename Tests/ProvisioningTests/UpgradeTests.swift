import Cluster
import ClusterSimulator
import Foundation
import StoreDomain
import Synchronization
import TestSupport
import Testing

@testable import Provisioning

/// Another version of a store's chart, with the real charts and Helm. What a version makes of real data is shown on the real node alone.
@Suite(.serialized, .timeLimit(.minutes(20))) struct UpgradeTests {
    private static let newer = ChartVersion("7.0.0")!
    private static let shut = "The store sells, and is still shut"

    /// A store in front of an upgrade: `store` is as it is to be, `applied` as it is.
    private func withUpgrade(
        migrates: String = "true",
        _ body: @Sendable @escaping (StoreWithBackups) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "charts-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let chart = "\(folder)/woocommerce/\(Self.newer)"
        try FileManager.default.createDirectory(atPath: folder + "/woocommerce", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: packageRoot + "/helm/store", toPath: chart)
        let about = try String(contentsOfFile: chart + "/Chart.yaml", encoding: .utf8)
        try about.replacing(/version: [0-9.]+/, with: "version: \(Self.newer)", maxReplacements: 1)
            .appending("\nannotations:\n  store-weaver.dev/migrates: \"\(migrates)\"\n")
            .write(toFile: chart + "/Chart.yaml", atomically: true, encoding: .utf8)
        try await StoreWithBackups.with { ready in
            var upgrade = StoreWithBackups(
                cluster: ready.cluster.with {
                    $0.charts = ChartCatalog(
                        current: [.woocommerce: packageRoot + "/helm/store"],
                        archive: folder,
                        valuesFile: "values-local.yaml"
                    )
                },
                shelf: ready.shelf,
                store: ready.store,
                applied: ready.applied
            )
            upgrade.store.spec.version = Self.newer
            try await body(upgrade)
        }
    }

    private func upgrade(_ ready: StoreWithBackups, from place: UpgradePlace = .start, failure: ChangeFailure? = nil, notes: Notes)
        async throws
        -> AttemptOutcome
    {
        let known = KnownValues(readsFiles: true, applied: ready.applied, failure: failure)
        return try await ready.run(.upgrade(place), isChange: true, known: known, notes: notes)
    }

    /// The first path of the store's Ingress, and the chart's version that the app's Deployment is of.
    private func installed(_ ready: StoreWithBackups) async throws -> (path: String?, chart: String?) {
        let ingress = try await ready.cluster.kubernetes.get(
            "/apis/networking.k8s.io/v1/namespaces/\(ready.store.namespace)/ingresses/wordpress-ingress"
        )
        let rule = ingress?["spec"]["rules"].items.first
        return (rule?["http"]["paths"].items.first?["path"].string, ingress?["metadata"]["labels"]["helm.sh/chart"].string)
    }

    @Test("an upgrade closes the store, saves it, proves the new version while it is shut, and opens it") func proved() async throws {
        try await withUpgrade { ready in
            try await ready.place(2)
            let seen = Mutex<(path: String?, pods: Set<String>)?>(nil)
            @Sendable func pods() async throws -> Set<String> {
                Set(
                    try await ready.cluster.kubernetes.list("\(ready.cluster.namespacePath)/pods").map(\.name).filter {
                        $0.hasPrefix("wordpress")
                    }
                )
            }
            let notes = Notes { line in
                guard line == Self.shut else { return }
                let (path, running) = (try await installed(ready).path, try await pods())
                seen.withLock { $0 = (path, running) }
            }
            let outcome = try await upgrade(ready, notes: notes)
            #expect(outcome == .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0"), "\(notes.all)")
            let proved = try #require(seen.withLock { $0 })
            #expect(proved.path == "/-/shut")
            // What is opened is what was proved.
            #expect(try await pods() == proved.pods && proved.pods.count == 1)
            let now = try await installed(ready)
            #expect(now.path == "/" && now.chart?.hasSuffix("7.0.0") == true)
            #expect(ready.shelf.phases == ["closing", "upgrading", "opening"])
            #expect(ready.shelf.all.map(\.kind) == [.preChange] && ready.shelf.all.first?.contents?.orders == 2)
            let saved = try #require(notes.all.firstIndex { $0.hasPrefix("Backed up") })
            let closed = try #require(notes.all.firstIndex(of: "The store is closed: its database alone runs"))
            #expect(closed < saved)
            #expect(try await ready.leftovers().isEmpty)
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a version that is not proved gives the store back its data and its version, and tells why") func notProved() async throws {
        try await withUpgrade { ready in
            try await ready.place(2)
            let namespace = ready.store.namespace.rawValue
            let notes = Notes { line in
                // The new version's app breaks, and the old one's does not.
                if line.hasPrefix("Backed up") {
                    await ready.cluster.simulator.setFaults(
                        [Fault(.crashLoop, podPrefix: "wordpress", message: "Call to undefined function")],
                        on: namespace
                    )
                } else if line.hasPrefix("goes back") {
                    await ready.cluster.simulator.setFaults([], on: namespace)
                }
            }
            let outcome = try await upgrade(ready, notes: notes)
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome): \(notes.all)") }
            #expect(change.code == "crash-loop" && change.message.contains("Call to undefined function"), "\(change)")
            let now = try await installed(ready)
            #expect(now.path == "/" && now.chart?.hasSuffix("7.0.0") == false)
            #expect(ready.shelf.phases == ["closing", "upgrading", "back"])
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a version with fewer orders than there were is not proved") func fewerOrders() async throws {
        try await withUpgrade { ready in
            try await ready.place(1)
            #expect(try await ready.run(.backUp(.manual), desired: .running).isReady)
            var safety = try #require(ready.shelf.all.first)
            safety.contents?.orders = 2
            let outcome = try await upgrade(ready, from: .installing(safety), notes: Notes())
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(change.code == "data-missing" && change.message.contains("1 orders, and the store had"), "\(change)")
            #expect(try await installed(ready).chart?.hasSuffix("7.0.0") == false)
        }
    }

    @Test("a successor goes on where the attempt before it was lost, and saves nothing a second time") func takenOver() async throws {
        try await withUpgrade { ready in
            try await ready.place(1)
            let lost = Notes { line in if line == Self.shut { throw LeaseLost(reason: "the test took it") } }
            await #expect(throws: LeaseLost.self) { _ = try await upgrade(ready, notes: lost) }
            #expect(ready.shelf.phases == ["closing", "upgrading"])
            let safety = try #require(ready.shelf.all.last)
            #expect(try await installed(ready).path == "/-/shut")
            let outcome = try await upgrade(ready, from: .installing(safety), notes: Notes())
            #expect(outcome.isReady, "\(outcome)")
            #expect(ready.shelf.all.count == 1 && ready.shelf.phases.last == "opening")
            #expect(try await installed(ready).path == "/")
        }
    }

    @Test("a successor of an attempt that was going back goes on going back") func goesOnGoingBack() async throws {
        try await withUpgrade { ready in
            try await ready.place(1)
            let lost = Notes { line in if line == Self.shut { throw LeaseLost(reason: "the test took it") } }
            await #expect(throws: LeaseLost.self) { _ = try await upgrade(ready, notes: lost) }
            let safety = try #require(ready.shelf.all.last)
            let failure = ChangeFailure(code: "crash-loop", message: "It broke.")
            let outcome = try await upgrade(ready, from: .goingBack(to: safety), failure: failure, notes: Notes())
            guard case .ready(_, _, failure) = outcome else { throw TestSupportError(message: "\(outcome)") }
            let now = try await installed(ready)
            #expect(now.path == "/" && now.chart?.hasSuffix("7.0.0") == false)
            #expect(try await ready.orders() == 1)
        }
    }

    @Test("a way back that cannot load the backup leaves the store shut: it opens on nothing but that backup") func lostOnItsWayBack()
        async throws
    {
        try await withUpgrade { ready in
            try await ready.place(1)
            let lost = Notes { line in if line == Self.shut { throw LeaseLost(reason: "the test took it") } }
            await #expect(throws: LeaseLost.self) { _ = try await upgrade(ready, notes: lost) }
            var safety = try #require(ready.shelf.all.last)
            safety.contents?.snapshot = String(repeating: "f", count: 64)
            let failure = ChangeFailure(code: "crash-loop", message: "It broke.")
            let outcome = try await upgrade(ready, from: .goingBack(to: safety), failure: failure, notes: Notes())
            guard case .failed(_, permanent: true) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(try await installed(ready).path != "/")
        }
    }

    @Test("a successor of an attempt that has the data back opens the store, and loads nothing over what was sold meanwhile")
    func opensAsItWas()
        async throws
    {
        try await withUpgrade { ready in
            try await ready.place(1)
            let failure = ChangeFailure(code: "crash-loop", message: "It broke.")
            let outcome = try await ready.cluster.provisioner.run(
                ready.store,
                desired: .running,
                everReady: true,
                isChange: true,
                known: KnownValues(readsFiles: true, applied: ready.applied, failure: failure),
                lease: ready.cluster.lease,
                journal: Notes()
            )
            guard case .ready(_, _, failure) = outcome else { throw TestSupportError(message: "\(outcome)") }
            let now = try await installed(ready)
            #expect(now.path == "/" && now.chart?.hasSuffix("7.0.0") == false)
            #expect(try await ready.orders() == 1)
        }
    }

    @Test("a store that cannot be saved is opened as it was") func notSaved() async throws {
        try await withUpgrade { ready in
            await ready.cluster.simulator.setFaults([Fault(.dumpFails)], on: ready.store.namespace.rawValue)
            let notes = Notes()
            let known = KnownValues(readsFiles: true, applied: ready.applied)
            let outcome = try await ready.run(.upgrade(.start), isChange: true, isLastTry: true, known: known, notes: notes)
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(change.code == "backup-failed" && ready.shelf.phases == ["closing", "open"])
            let now = try await installed(ready)
            #expect(now.path == "/" && now.chart?.hasSuffix("7.0.0") == false)
        }
    }

    @Test("a version that changes no data is installed while the store is open") func inPlace() async throws {
        try await withUpgrade(migrates: "false") { ready in
            let notes = Notes()
            let outcome = try await upgrade(ready, notes: notes)
            #expect(outcome.isReady, "\(outcome)")
            #expect(!notes.all.contains { $0.hasPrefix("The store is closed") || $0 == Self.shut })
            #expect(ready.shelf.all.map(\.kind) == [.preChange])
            #expect(try await installed(ready).chart?.hasSuffix("7.0.0") == true)
        }
    }

    @Test("a sleeping store is proved awake, and sleeps again") func asleep() async throws {
        try await withUpgrade { ready in
            var store = ready
            store.store.spec.isAsleep = true
            let slept = Notes()
            var falls = store
            falls.store.spec.version = ready.applied.spec.version
            #expect(
                try await falls.cluster.provisioner.run(
                    falls.store,
                    desired: .asleep,
                    everReady: true,
                    isChange: true,
                    known: KnownValues(applied: ready.applied),
                    lease: falls.cluster.lease,
                    journal: slept
                ).isReady
            )
            let found = try #require(slept.resolution)
            store.applied = AppliedSpec(name: store.store.name, spec: found.spec, values: found.values)
            let notes = Notes()
            let outcome = try await upgrade(store, notes: notes)
            #expect(outcome == .ready(url: "http://acme.localhost", engineVersion: nil), "\(notes.all)")
            #expect(notes.all.contains(Self.shut))
            let now = try await installed(ready)
            #expect(now.path == "/-/asleep" && now.chart?.hasSuffix("7.0.0") == true)
        }
    }
}
