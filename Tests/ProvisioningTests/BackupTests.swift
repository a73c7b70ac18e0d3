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
@Suite(.serialized, .timeLimit(.minutes(20))) struct BackupTests {
    @Test("a backup is taken while the store serves, and gives back what was ordered until then and nothing that came later")
    func restore() async throws {
        try await StoreWithBackups.with { ready in
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
            let closed = try #require(restored.all.firstIndex(of: "The store is closed: its database alone runs"))
            let saved = try #require(restored.all.firstIndex { $0.hasPrefix("Backed up") })
            #expect(
                closed < saved && ready.shelf.phases == ["closing", "restoring", "opening"],
                "nothing is sold that the backup before has not"
            )
            for _ in 0..<50 where try await !ready.leftovers().isEmpty { try await Task.sleep(for: .milliseconds(100)) }
            #expect(try await ready.leftovers() == [])
        }
    }

    @Test("an export that was done before its worker was lost is not made again") func exportedBefore() async throws {
        try await StoreWithBackups.with { ready in
            let archive = ArchiveID.random()
            let made = try #require(ArchiveContents(bytes: 7, sha256: String(repeating: "0", count: 64)))
            try await ready.shelf.end(archive, .success(made))
            let notes = Notes()
            #expect(try await ready.run(.export(.manual, as: archive), notes: notes).isReady)
            #expect(ready.shelf.all.isEmpty, "no backup is taken for it either")
            guard case .success(made)? = ready.shelf.exports[archive] else { throw TestSupportError(message: "it was made again") }
            #expect(!notes.all.contains { $0.hasPrefix("Exported") })
        }
    }

    @Test("where the backup cannot be loaded the store gets back what it had, and serves") func goesBack() async throws {
        try await StoreWithBackups.with { ready in
            try await ready.place(1)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            var backup = try #require(ready.shelf.all.first)
            try await ready.place(1)
            // It is in no repository.
            backup.contents?.snapshot = String(repeating: "0", count: 64)
            let outcome = try await ready.run(.restore(backup, isBegun: false))
            guard case .ready(_, _, let change?) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(change.code == "restore-failed" && change.message.contains("could not be loaded"))
            #expect(ready.shelf.replaced == 1 && ready.shelf.phases == ["closing", "restoring", "back"])
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a load that was killed in the middle is begun again by the next attempt, and serves nothing before") func halfLoaded()
        async throws
    {
        try await StoreWithBackups.with { ready in
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
        try await StoreWithBackups.with { ready in
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
        try await StoreWithBackups.with { ready in
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
        try await StoreWithBackups.with { ready in
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
        try await StoreWithBackups.with { ready in
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
            #expect(ready.shelf.phases == ["closing", "open", "closing", "open"])
            #expect(try await NamespaceView.look(at: ready.store.namespace, with: ready.cluster.kubernetes).allReady)
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            #expect(try await ready.orders() == 2)
        }
    }

    @Test("a store whose namespace is lost is made anew by its backup") func lost() async throws {
        try await StoreWithBackups.with { ready in
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
        try await StoreWithBackups.with { ready in
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
            guard case .again = try await copy.run(.load(.backup(pending)), everReady: false, known: KnownValues()) else {
                throw TestSupportError(message: "it does not wait for its backup")
            }
            let notes = Notes()
            let outcome = try await copy.run(.load(.backup(backup)), everReady: false, known: KnownValues(), notes: notes)
            #expect(notes.resolution?.spec.adminRevision == backup.adminRevision + 1)
            guard case .ready(let url, _, nil) = outcome else { throw TestSupportError(message: "\(outcome)") }
            #expect(url == "http://copy.localhost")
            #expect(try await copy.orders() == 2)
            let found = try #require(notes.resolution)
            copy.applied = AppliedSpec(name: copy.store.name, spec: found.spec, values: found.values)
            // Its own password is not the one that the other's backup has.
            let again = Notes()
            #expect(try await copy.run(.restore(backup, isBegun: false), notes: again).isReady)
            #expect(again.resolution?.spec.adminRevision == backup.adminRevision + 1)
            try await ready.place(1)
            let both = (try await ready.orders(), try await copy.orders())
            #expect(both == (3, 2))
        }
    }

    @Test("a store that cannot be closed is saved as it is before it goes") func finalWhileOpen() async throws {
        try await StoreWithBackups.with { ready in
            try await ready.place(1)
            var old = ready
            // No worker has that chart.
            old.store.spec.version = ChartVersion("0.9.0")
            old.applied.spec.version = ChartVersion("0.9.0")
            let notes = Notes()
            #expect(try await old.run(.backUpBeforeRemoval, desired: .gone, notes: notes) == .gone)
            #expect(
                ready.shelf.all.last?.contents?.orders == 1 && notes.all.contains { $0.hasPrefix("The store is saved while it is open") }
            )
        }
    }

    @Test("a hidden store has no Ingress, and fails where the database has not what the backup's record says") func verification()
        async throws
    {
        try await StoreWithBackups.with { ready in
            try await ready.place(2)
            #expect(try await ready.run(.backUp(.manual)).isReady)
            var backup = try #require(ready.shelf.all.first)
            var hidden = ready
            hidden.store.id = .random()
            hidden.store.name = try StoreName("Test restore")
            hidden.store.namespace = .preferred(for: hidden.store.name)
            hidden.store.status = .provisioning
            hidden.store.url = nil
            hidden.store.spec = StoreSpec(isStaging: true)
            hidden.store.isVerification = true
            #expect(try await hidden.run(.load(.backup(backup)), everReady: false, known: KnownValues()).isReady)
            let namespace = "/apis/networking.k8s.io/v1/namespaces/\(hidden.store.namespace)/ingresses"
            #expect(try await ready.cluster.kubernetes.list(namespace).isEmpty)
            #expect(try await hidden.orders() == 2)
            // What keeps it from being loaded is not the backup's fault.
            await ready.cluster.simulator.setFaults([Fault(.vaultAway)], on: hidden.store.namespace.rawValue)
            guard
                case .failed(let away, permanent: false) = try await hidden.run(
                    .load(.backup(backup)),
                    everReady: false,
                    known: KnownValues()
                )
            else {
                throw TestSupportError(message: "it passed")
            }
            #expect(away.contains("connection refused") && hidden.shelf.faults.isEmpty)
            await ready.cluster.simulator.setFaults([], on: hidden.store.namespace.rawValue)
            backup.contents?.orders = 3
            guard
                case .failed(let message, permanent: true) = try await hidden.run(
                    .load(.backup(backup)),
                    everReady: false,
                    known: KnownValues()
                )
            else {
                throw TestSupportError(message: "it passed")
            }
            #expect(message.contains("has 1 and 2") || message.contains("and 3 orders"), "\(message)")
            #expect(hidden.shelf.faults == [message])
            backup.contents?.snapshot = String(repeating: "0", count: 64)
            _ = try await hidden.run(.load(.backup(backup)), everReady: false, known: KnownValues())
            #expect(hidden.shelf.faults.last?.contains("no matching ID") == true)
        }
    }

    @Test("a store that sleeps is backed up, and sleeps on, also where it is not restored") func asleep() async throws {
        try await StoreWithBackups.with { ready in
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
            func sleeps() async throws -> Bool {
                try await NamespaceView.look(at: ready.store.namespace, with: ready.cluster.kubernetes).isAsleep
            }
            #expect(try await asleep.run(.backUp(.nightly)).isReady)
            let backup = try #require(ready.shelf.all.first)
            #expect(backup.status == .done && backup.contents?.orders == 1)
            #expect(try await sleeps())
            await ready.cluster.simulator.setFaults([Fault(.dumpFails)], on: ready.store.namespace.rawValue)
            guard case .ready(_, _, _?) = try await asleep.run(.restore(backup, isBegun: false), isLastTry: true) else {
                throw TestSupportError(message: "restored")
            }
            #expect(try await sleeps())
            // Of one that is lost, an empty one would be saved as the newest.
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            try await ready.remove(ready.cluster.namespacePath)
            guard case .failed = try await asleep.run(.backUp(.manual)) else { throw TestSupportError(message: "saved") }
            #expect(try await ready.cluster.kubernetes.get(ready.cluster.namespacePath) == nil)
            #expect(ready.shelf.all.filter { $0.status == .done }.count == 1)
        }
    }

    @Test("a store without its workloads is not closed for a backup that is asked for, and is for the final one") func withoutWorkloads()
        async throws
    {
        try await StoreWithBackups.with { ready in
            try await ready.place(1)
            try await ready.remove("/apis/apps/v1/namespaces/\(ready.store.namespace)/statefulsets/mysql")
            let notes = Notes()
            guard case .failed = try await ready.run(.backUp(.manual), notes: notes) else { throw TestSupportError(message: "backed up") }
            #expect(!notes.all.contains("Installing the chart"))
            #expect(try await ready.run(.backUpBeforeRemoval, desired: .gone) == .gone)
            #expect(ready.shelf.all.last?.kind == .final && ready.shelf.all.last?.contents?.orders == 1)
        }
    }

    @Test("a deletion keeps a final backup; one that cannot be made leaves the store to its owner") func final() async throws {
        try await StoreWithBackups.with { ready in
            try await ready.place(1)
            await ready.cluster.simulator.setFaults([Fault(.vaultAway)], on: ready.store.namespace.rawValue)
            let failed = try await ready.run(.backUpBeforeRemoval, isLastTry: true, desired: .gone)
            guard case .failed(let message, permanent: true) = failed else { throw TestSupportError(message: "\(failed)") }
            #expect(message.contains("delete the store for good"))
            #expect(try await ready.cluster.kubernetes.get(ready.cluster.namespacePath) != nil)
            await ready.cluster.simulator.setFaults([], on: ready.store.namespace.rawValue)
            let notes = Notes()
            #expect(try await ready.run(.backUpBeforeRemoval, desired: .gone, notes: notes) == .gone)
            #expect(ready.shelf.all.last?.kind == .final && ready.shelf.all.last?.status == .done)
            let closed = try #require(notes.all.firstIndex(of: "The store is closed: its database alone runs"))
            #expect(closed < notes.all.firstIndex { $0.hasPrefix("Backed up") } ?? 0)
            // There is nothing more to keep.
            #expect(try await ready.run(.backUpBeforeRemoval, desired: .gone) == .gone)
        }
    }

    @Test("a version is changed after a backup, and not without one") func beforeChange() async throws {
        try await StoreWithBackups.with { ready in
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

    @Test("with a nightly backup the repository is checked and what nobody needs removed; where it is damaged nothing is") func upkeep()
        async throws
    {
        try await StoreWithBackups.with { ready in
            #expect(try await ready.run(.backUp(.manual)).isReady)
            let old = try #require(ready.shelf.all.first)
            ready.shelf.isDue = true
            ready.shelf.expire(old)
            await ready.cluster.simulator.setFaults([Fault(.repositoryDamaged, count: 1)], on: ready.store.namespace.rawValue)
            let notes = Notes()
            #expect(try await ready.run(.backUp(.nightly), notes: notes).isReady)
            #expect(ready.shelf.checks.count == 1 && ready.shelf.checks[0]?.contains("ciphertext") == true)
            #expect(notes.all.contains { $0.hasPrefix("The backups' repository is damaged") })
            #expect(try await ready.run(.restore(old, isBegun: true)).isReady)
            // The next night.
            ready.shelf.endNight()
            #expect(try await ready.run(.backUp(.nightly)).isReady)
            #expect(ready.shelf.checks.count == 2 && ready.shelf.checks[1] == nil)
            guard case .failed(let message, _) = try await ready.run(.restore(old, isBegun: true)) else {
                throw TestSupportError(message: "restored")
            }
            #expect(message.contains("no matching ID"))
        }
    }

    @Test("backups and restores are counted where they end, with the code of what failed") func counted() async throws {
        let registry = PrometheusRegistry()
        try await withMetricsFactory(registry) {
            try await StoreWithBackups.with { ready in
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
        try await StoreWithBackups.with { ready in
            await ready.cluster.simulator.setFaults([Fault(.imagePullFailure)], on: ready.store.namespace.rawValue)
            let hurried = StoreWithBackups(
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
