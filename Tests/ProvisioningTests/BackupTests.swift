import Cluster
import ClusterSimulator
import CoreMetrics
import Foundation
import Observability
import Observation
import StoreDomain
import Synchronization
import TestSupport
import Testing

@testable import Provisioning

/// Keeping a store's data and loading it, with the real chart and Helm. The simulated keeper copies the simulated store's orders.
@Suite(.serialized, .timeLimit(.minutes(4))) struct BackupTests {
    private struct Ready {
        let cluster: TestCluster
        let shelf: Shelf
        var store: Store
        var applied: AppliedSpec

        /// The outcome of a job on the store.
        func run(
            _ work: DataWork,
            everReady: Bool = true,
            isChange: Bool = false,
            isLastTry: Bool = false,
            desired: DesiredState? = nil,
            known: KnownValues? = nil,
            notes: Notes = Notes()
        ) async throws -> ProvisioningOutcome {
            try await cluster.provisioner.run(
                store,
                desired: desired ?? store.spec.desiredState,
                everReady: everReady,
                isChange: isChange,
                known: known ?? KnownValues(applied: applied),
                data: DataJob(work, of: JobID(7)!, journal: shelf, isLastTry: isLastTry),
                lease: cluster.lease,
                journal: notes
            )
        }

        func place(_ count: Int) async throws {
            for _ in 0..<count { try await order() }
        }

        private func order() async throws {
            let service = "/api/v1/namespaces/\(store.namespace)/services/wordpress:http/proxy/wp-json/wc/store/v1/"
            func ask(_ path: String, _ token: String? = nil, _ body: JSON? = nil) async throws -> (
                status: Int, headers: [String: String], body: String
            ) {
                try await cluster.kubernetes.visit(
                    service + path,
                    headers: token.map { ["Cart-Token": $0] } ?? [:],
                    body: body,
                    limit: 100_000
                )
            }
            let token = try #require(try await ask("cart").headers["cart-token"])
            _ = try await ask("cart/add-item", token, ["id": .integer(1), "quantity": .integer(1)])
            let address: JSON = ["country": "US", "email": "a@example.com"]
            _ = try await ask("cart/update-customer", token, ["shipping_address": address])
            _ = try await ask("cart/select-shipping-rate", token, ["package_id": .integer(0), "rate_id": "free_shipping:1"])
            let placed = try await ask("checkout", token, ["billing_address": address, "payment_method": "cod"])
            #expect(placed.status == 200, "\(placed.body)")
        }

        /// How many orders the store has, as another backup counts them.
        func orders() async throws -> Int {
            let other = Shelf(of: store.id)
            other.passwords.withLock { $0 = shelf.passwords.withLock { $0 } }
            let outcome = try await cluster.provisioner.run(
                store,
                desired: .running,
                everReady: true,
                known: KnownValues(applied: applied),
                data: DataJob(.backUp(.manual), of: JobID(8)!, journal: other, isLastTry: true),
                lease: cluster.lease,
                journal: Notes()
            )
            guard case .ready = outcome else { throw TestSupportError(message: "\(outcome)") }
            shelf.passwords.withLock { $0 = other.passwords.withLock { $0 } }
            return try #require(other.all.first?.contents?.orders)
        }

        /// Objects of tasks that are still there.
        func leftovers() async throws -> [String] {
            let paths = [
                "/apis/batch/v1/namespaces/NS/jobs", "/api/v1/namespaces/NS/secrets",
                "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies",
            ]
            var names: [String] = []
            for path in paths {
                names += try await cluster.kubernetes.list(path.replacing("NS", with: store.namespace.rawValue)).map(\.name)
            }
            return names.filter { $0.hasPrefix("keeper") }
        }
    }

    /// A store that serves, in a cluster whose worker keeps backups.
    private func withStore(_ body: @Sendable @escaping (Ready) async throws -> Void) async throws {
        try await TestCluster.with { plain in
            let cluster = plain.with { settings in
                settings.keeper = KeeperSettings(
                    vault: VaultAddress("http://store-vault.store-weaver.svc:8080")!,
                    image: "storeplatform/store-keeper:1.0.0",
                    timeLimit: .seconds(30),
                    startLimit: .seconds(10)
                ) { store, right in SecretText(value: "token-\(store)-\(right)") }
            }
            let notes = Notes()
            guard case .ready = try await cluster.run(.running, notes), let found = notes.resolution else {
                throw TestSupportError(message: "the store is not ready")
            }
            var store = cluster.store
            store.status = .ready
            store.spec = found.spec
            let applied = AppliedSpec(name: store.name, spec: found.spec, values: found.values)
            try await body(Ready(cluster: cluster, shelf: Shelf(of: store.id), store: store, applied: applied))
        }
    }

    @Test("a backup is taken while the store serves, and gives back what was ordered until then and nothing that came later")
    func restore() async throws {
        try await withStore { ready in
            try await ready.place(1)
            let notes = Notes()
            #expect(try await ready.run(.backUp(.manual), notes: notes).isReady)
            let backup = try #require(ready.shelf.all.first)
            #expect(backup.status == .done && backup.contents?.orders == 1 && !notes.all.contains("Installing the chart"))
            try await ready.place(2)
            let restored = Notes()
            #expect(try await ready.run(.restore(backup, isBegun: false), notes: restored).isReady)
            #expect(try await ready.orders() == 1)
            // What was there before is kept, and the store was closed while it was replaced.
            #expect(ready.shelf.all.first { $0.kind == .preChange }?.contents?.orders == 3)
            #expect(ready.shelf.replaced == 1)
            #expect(restored.all.contains("The store is closed: its database alone runs"))
            for _ in 0..<50 where try await !ready.leftovers().isEmpty { try await Task.sleep(for: .milliseconds(100)) }
            #expect(try await ready.leftovers() == [])
        }
    }

    @Test("where the backup cannot be loaded the store gets back what it had, and serves") func goesBack() async throws {
        try await withStore { ready in
            try await ready.place(1)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            var backup = try #require(ready.shelf.all.first)
            try await ready.place(1)
            // It is in no repository.
            backup.contents?.snapshot = String(repeating: "0", count: 64)
            let outcome = try await ready.run(.restore(backup, isBegun: false))
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(change.code == "restore-failed" && change.message.contains("could not be loaded"))
            #expect(ready.shelf.replaced == 1)
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a load that was killed in the middle is begun again by the next attempt, and serves nothing before") func halfLoaded()
        async throws
    {
        try await withStore { ready in
            try await ready.place(2)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            await ready.cluster.simulator.setFaults([Fault(.restoreHalf, count: 1)], on: ready.store.namespace.rawValue)
            let outcome = try await ready.run(.restore(backup, isBegun: false))
            guard case .failed(_, permanent: false) = outcome else { throw TestSupportError(message: "\(outcome)") }
            let view = try await NamespaceView.look(at: ready.store.namespace, with: ready.cluster.kubernetes)
            #expect(view.isClosed)
            // What is there now is nothing to keep.
            #expect(try await ready.run(.restore(backup, isBegun: true)).isReady)
            #expect(try await ready.orders() == 2)
            #expect(ready.shelf.all.filter { $0.kind == .preChange }.count == 1 && ready.shelf.replaced == 1)
        }
    }

    @Test("an attempt that is lost on the way back is followed by one that goes on there") func goesOnBack() async throws {
        try await withStore { ready in
            try await ready.place(1)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            try await ready.place(1)
            #expect(try await ready.run(.backUp(.preChange)).isReady)
            let known = KnownValues(
                applied: ready.applied,
                failure: ChangeFailure(code: "restore-failed", message: "it could not be loaded")
            )
            await ready.cluster.simulator.setFaults([Fault(.restoreHalf, count: 1)], on: ready.store.namespace.rawValue)
            guard case .failed = try await ready.run(.restore(backup, isBegun: true), known: known) else {
                throw TestSupportError(message: "no failure")
            }
            let outcome = try await ready.run(.restore(backup, isBegun: true), known: known)
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(change == known.failure)
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a store that cannot be closed is left as it is, and serves") func notClosed() async throws {
        try await withStore { ready in
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            var old = ready
            // No worker has that chart.
            old.store.spec.version = ChartVersion("0.9.0")
            guard case .failed = try await old.run(.restore(backup, isBegun: false)) else { throw TestSupportError(message: "restored") }
            let last = try await old.run(.restore(backup, isBegun: false), isLastTry: true)
            guard case .ready(_, _, let change?) = last else { throw TestSupportError(message: "\(last)") }
            #expect(change.message.contains("Nothing was restored"))
            #expect(ready.shelf.replaced == 0)
        }
    }

    @Test("a task of another job is ended before one begins") func others() async throws {
        try await withStore { ready in
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            let collection = "/apis/batch/v1/namespaces/\(ready.store.namespace)/jobs"
            let labels: JSON = ["app.kubernetes.io/component": "keeper", "store-weaver.dev/store-id": .string(ready.store.id.rawValue)]
            let pod: JSON = ["restartPolicy": "Never", "containers": [["name": "keeper", "image": "keeper:1"]]]
            await ready.cluster.simulator.setFaults([Fault(.keeperHangs)], on: ready.store.namespace.rawValue)
            let job: JSON = [
                "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "keeper-restore-of-another-job", "labels": labels],
                "spec": ["backoffLimit": .integer(0), "template": ["metadata": ["labels": labels], "spec": pod]],
            ]
            _ = try await ready.cluster.kubernetes.create(collection, job, under: ready.cluster.lease)
            for _ in 0..<100
            where try await ready.cluster.kubernetes.list("/api/v1/namespaces/\(ready.store.namespace)/pods")
                .allSatisfy({ $0.label("app.kubernetes.io/component") != "keeper" })
            { try await Task.sleep(for: .milliseconds(50)) }
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            #expect(try await ready.run(.restore(backup, isBegun: false)).isReady)
            #expect(try await ready.cluster.kubernetes.get(collection + "/keeper-restore-of-another-job") == nil)
        }
    }

    @Test("a restore that cannot keep the present state changes nothing") func keepsFirst() async throws {
        try await withStore { ready in
            try await ready.place(1)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            try await ready.place(1)
            await ready.cluster.simulator.setFaults([Fault(.dumpFails)], on: ready.store.namespace.rawValue)
            guard case .failed(_, permanent: false) = try await ready.run(.restore(backup, isBegun: false)) else {
                throw TestSupportError(message: "no failure")
            }
            let last = try await ready.run(.restore(backup, isBegun: false), isLastTry: true)
            guard case .ready(_, _, let change?) = last else { throw TestSupportError(message: "\(last)") }
            #expect(change.code == "backup-failed" && ready.shelf.replaced == 0)
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a store whose namespace is lost is made anew by its backup") func lost() async throws {
        try await withStore { ready in
            try await ready.place(2)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            let uid = try #require(try await ready.cluster.kubernetes.get(ready.cluster.namespacePath)?.uid)
            let notes = Notes()
            try await ready.cluster.kubernetes.delete(ready.cluster.namespacePath, uid: uid, under: ready.cluster.lease)
            #expect(try await ready.run(.restore(backup, isBegun: false), notes: notes).isReady)
            #expect(try await ready.orders() == 2)
            #expect(ready.shelf.all.filter { $0.kind == .preChange }.isEmpty)
            // Its Secrets are new, and the dump knows the old password.
            #expect(notes.resolution?.spec.adminRevision == backup.adminRevision + 1)
        }
    }

    @Test("another store is filled with the backup before it serves, and its source is left alone") func clone() async throws {
        try await withStore { ready in
            try await ready.place(2)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let backup = try #require(ready.shelf.all.first)
            var copy = ready
            copy.store.id = .random()
            copy.store.name = try StoreName("Copy")
            copy.store.namespace = .preferred(for: copy.store.name)
            copy.store.status = .provisioning
            copy.store.url = nil
            copy.store.spec = StoreSpec()
            var pending = backup
            pending.status = .running
            guard case .again = try await copy.run(.load(pending), everReady: false, known: KnownValues()) else {
                throw TestSupportError(message: "it does not wait for its backup")
            }
            let notes = Notes()
            let outcome = try await copy.run(.load(backup), everReady: false, known: KnownValues(), notes: notes)
            #expect(notes.resolution?.spec.adminRevision == backup.adminRevision + 1)
            guard case .ready(let url, _, nil) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(url == "http://copy.localhost")
            #expect(try await copy.orders() == 2)
            // Its own password is not the one that the other's backup has.
            let again = Notes()
            #expect(try await copy.run(.restore(backup, isBegun: false), notes: again).isReady)
            #expect(again.resolution?.spec.adminRevision == backup.adminRevision + 1)
            try await ready.place(1)
            let both = (try await ready.orders(), try await copy.orders())
            #expect(both == (3, 2))
        }
    }

    @Test("a store that sleeps is backed up, and sleeps on") func asleep() async throws {
        try await withStore { ready in
            try await ready.place(1)
            var asleep = ready
            asleep.store.spec.isAsleep = true
            let slept = try await asleep.cluster.provisioner.run(
                asleep.store,
                desired: .asleep,
                everReady: true,
                isChange: true,
                known: KnownValues(applied: asleep.applied),
                lease: asleep.cluster.lease,
                journal: Notes()
            )
            #expect(slept.isReady)
            asleep.applied.spec = asleep.store.spec
            #expect(try await asleep.run(.backUp(.nightly)).isReady)
            #expect(ready.shelf.all.map(\.status) == [.done] && ready.shelf.all.first?.contents?.orders == 1)
            #expect(try await NamespaceView.look(at: ready.store.namespace, with: ready.cluster.kubernetes).isAsleep)
        }
    }

    @Test("a deletion keeps a final backup; one that cannot be made leaves the store to its owner") func final() async throws {
        try await withStore { ready in
            try await ready.place(1)
            await ready.cluster.simulator.setFaults([Fault(.vaultAway)], on: ready.store.namespace.rawValue)
            let failed = try await ready.run(.backUpBeforeRemoval, isLastTry: true, desired: .gone)
            guard case .failed(let message, permanent: true) = failed else { throw TestSupportError(message: "\(failed)") }
            #expect(message.contains("delete the store for good"))
            #expect(try await ready.cluster.kubernetes.get(ready.cluster.namespacePath) != nil)
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            #expect(try await ready.run(.backUpBeforeRemoval, desired: .gone) == .gone)
            #expect(ready.shelf.all.last?.kind == .final && ready.shelf.all.last?.status == .done)
            // There is nothing more to keep.
            #expect(try await ready.run(.backUpBeforeRemoval, desired: .gone) == .gone)
        }
    }

    @Test("a version is changed after a backup, and not without one") func beforeChange() async throws {
        try await withStore { ready in
            await ready.cluster.simulator.setFaults([Fault(.dumpFails)], on: ready.store.namespace.rawValue)
            let known = KnownValues(readsFiles: true, applied: ready.applied)
            var other = ready
            other.store.spec.version = ChartVersion("9.9.9")
            let kept = try await other.run(.backUpBeforeChange, isChange: true, isLastTry: true, known: KnownValues(applied: ready.applied))
            guard case .ready(_, _, let change?) = kept else { throw TestSupportError(message: "\(kept)") }
            #expect(change.code == "backup-failed" && change.message.contains("was not changed"))
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            #expect(try await ready.run(.backUpBeforeChange, isChange: true, known: known).isReady)
            #expect(ready.shelf.all.last?.kind == .preChange && ready.shelf.all.last?.status == .done)
        }
    }

    @Test("a nightly backup removes what has expired from the repository") func prunes() async throws {
        try await withStore { ready in
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let old = try #require(ready.shelf.all.first)
            ready.shelf.expire(old)
            #expect(try await ready.run(.backUp(.nightly)).isReady)
            #expect(ready.shelf.forgotten == [old.id])
            let outcome = try await ready.run(.restore(old, isBegun: false))
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(change.code == "restore-failed")
        }
    }

    @Test("backups and restores are counted where they end, with the code of what failed") func counted() async throws {
        let registry = PrometheusRegistry()
        try await withMetricsFactory(registry) {
            try await withStore { ready in
                await ready.cluster.simulator.setFaults([Fault(.vaultAway)], on: ready.store.namespace.rawValue)
                guard case .failed = try await ready.run(.backUp(.nightly)) else { throw TestSupportError(message: "no failure") }
                await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
                #expect(try await ready.run(.backUp(.manual)).isReady)
                var backup = try #require(ready.shelf.all.last)
                #expect(try await ready.run(.restore(backup, isBegun: true)).isReady)
                // It is in no repository.
                backup.contents?.snapshot = String(repeating: "0", count: 64)
                let lost = try await ready.run(.restore(backup, isBegun: true))
                guard case .failed = lost else { throw TestSupportError(message: "\(lost)") }
            }
        }
        let names = ["storeweaver_backups_total", "storeweaver_restores_total"]
        let counted = await registry.text().split(separator: "\n").filter { line in names.contains { line.hasPrefix($0) } }
        #expect(
            counted.sorted() == [
                #"storeweaver_backups_total{kind="manual",outcome="done"} 1"#,
                #"storeweaver_backups_total{kind="nightly",outcome="vault-away"} 1"#,
                #"storeweaver_restores_total{outcome="done"} 1"#, #"storeweaver_restores_total{outcome="no-snapshot"} 1"#,
            ]
        )
    }

    @Test("a code that is none of ours is counted as other") func otherCode() async {
        let registry = PrometheusRegistry()
        withMetricsFactory(registry) { BackupCounters.backupEnded(.final, BackupFailure(code: "no\"such", message: "")) }
        #expect(await registry.text().contains(#"storeweaver_backups_total{kind="final",outcome="other"} 1"#))
    }

    @Test("a task whose pod does not begin is given up with the cluster's reason") func notBegun() async throws {
        try await withStore { ready in
            await ready.cluster.simulator.setFaults([Fault(.imagePullFailure)], on: ready.store.namespace.rawValue)
            let hurried = Ready(
                cluster: ready.cluster.with { $0.keeper?.startLimit = .seconds(1) },
                shelf: ready.shelf,
                store: ready.store,
                applied: ready.applied
            )
            guard case .failed(let message, permanent: false) = try await hurried.run(.backUp(.manual)) else {
                throw TestSupportError(message: "no failure")
            }
            #expect(message.contains("did not begin"), "\(message)")
            #expect(hurried.shelf.all.first?.failure?.code == "not-begun")
        }
    }
}

/// What an attempt writes of its backups.
private final class Shelf: BackupJournal {
    private let backups = Mutex<[Backup]>([])
    private let replacements = Mutex(0)
    private let old = Mutex<[Backup]>([])
    private let gone = Mutex<[BackupID]>([])
    let passwords = Mutex<[StoreID: SecretText]>([:])

    var all: [Backup] { backups.withLock { $0 } }
    /// How often data began to be replaced.
    var replaced: Int { replacements.withLock { $0 } }
    var forgotten: [BackupID] { gone.withLock { $0 } }

    func expire(_ backup: Backup) { old.withLock { $0 = [backup] } }

    func begin(_ kind: BackupKind) async throws -> Backup {
        backups.withLock { all in
            if let known = all.last(where: { $0.kind == kind && $0.status != .failed }) { return known }
            let backup = Backup(id: .random(), store: owner, kind: kind, status: .running, createdAt: Date())
            all.append(backup)
            return backup
        }
    }

    /// Whose repository all are in.
    private let owner: StoreID

    init(of store: StoreID) { owner = store }

    func end(_ backup: BackupID, _ result: Result<BackupContents, BackupFailure>) async throws {
        backups.withLock { all in
            guard let place = all.firstIndex(where: { $0.id == backup }) else { return }
            switch result {
            case .success(let contents): (all[place].status, all[place].contents) = (.done, contents)
            case .failure(let failure): (all[place].status, all[place].failure) = (.failed, failure)
            }
        }
    }

    func taken(_ kind: BackupKind) async throws -> Backup? { all.last { $0.kind == kind && $0.status == .done } }

    func replaces() async throws { replacements.withLock { $0 += 1 } }

    func opens() async throws {}

    func password(of store: StoreID) async throws -> SecretText {
        passwords.withLock { known in
            if let password = known[store] { return password }
            let password = SecretText.random()
            known[store] = password
            return password
        }
    }

    func expired() async throws -> [Backup] { old.withLock { $0 } }

    func forget(_ backups: [BackupID]) async throws {
        gone.withLock { $0 += backups }
        old.withLock { $0 = [] }
    }
}
