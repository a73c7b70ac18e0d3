import Cluster
import ClusterSimulator
import Foundation
import Observation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

/// What somebody else did to a store, or to Helm.
@Suite(.serialized, .timeLimit(.minutes(20))) struct OtherHandsTests {
    private static let conflict = """
        Error: UPGRADE FAILED: conflict occurred while applying object store-acme/wordpress apps/v1, Kind=Deployment: Apply failed with 1 conflict: \
        conflict with "kubectl-set" using apps/v1: .spec.template.spec.containers[name="wordpress"].resources.limits.memory
        """

    /// A provisioner whose Helm does, instead of `upgrade`, what the script says. The real one is `"$HELM"`.
    private func with(upgrade script: String, in cluster: TestCluster, _ body: (Provisioner) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hand-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await cluster.simulator.kubeconfig().write(toFile: folder + "/kubeconfig", atomically: true, encoding: .utf8)
        try "#!/bin/bash\nHELM=\(try helmProgram())\nif [ \"$1\" = upgrade ]; then\n\(script)\nfi\nexec \"$HELM\" \"$@\"\n"
            .write(toFile: folder + "/helm", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/helm")
        let helm = HelmClient(
            configuration: .init(
                helm: folder + "/helm",
                guardProgram: try builtProgram("helm-guard"),
                kubeconfig: folder + "/kubeconfig",
                times: LeaseTimes(),
                home: folder
            )
        )
        try await body(Provisioner(kubernetes: cluster.kubernetes, helm: helm, settings: cluster.provisioner.settings))
    }

    /// An attempt at a store that was ready, for the administrator's password of this number.
    private func renewPassword(_ revision: Int, takesOver: Bool = false, by provisioner: Provisioner, in cluster: TestCluster) async throws
        -> (AttemptOutcome, Notes)
    {
        var store = cluster.store
        store.spec.adminRevision = revision
        let notes = Notes()
        let outcome = try await provisioner.run(
            store,
            desired: .running,
            everReady: true,
            isRetry: true,
            takesOver: takesOver,
            lease: cluster.lease,
            journal: notes
        )
        return (outcome, notes)
    }

    @Test(
        "a change that another hand's field keeps from being made leaves a serving store ready, with its old password, and says whose it is"
    )
    func conflict() async throws {
        try await TestCluster.with { cluster in
            guard case .ready = try await cluster.run(.running) else {
                Issue.record("the store is not ready")
                return
            }
            let path = cluster.namespacePath + "/secrets/wordpress-secret"
            let before = try #require(try await cluster.kubernetes.get(path))["data"]
            try await with(upgrade: "echo '\(Self.conflict)' >&2; exit 1", in: cluster) { provisioner in
                let (outcome, notes) = try await renewPassword(1, by: provisioner, in: cluster)
                guard case .ready(_, _, let change) = outcome else {
                    Issue.record("\(outcome): \(notes.all)")
                    return
                }
                #expect(change?.code == Diagnosis.Cause.helmConflict.rawValue)
                #expect(change?.message.contains("kubectl-set has set .spec.template") == true)
                #expect(notes.cause == Diagnosis.Cause.helmConflict.rawValue)
                let told = try #require(notes.all.first { $0.hasPrefix("The change was not made") })
                #expect(told.contains("kubectl-set has set .spec.template.spec.containers[name=\"wordpress\"].resources.limits.memory"))
            }
            #expect(try await cluster.kubernetes.get(path)?["data"] == before)
        }
    }

    @Test("a field that kubectl has set is left alone by the real Helm until it is to take it over") func realConflict() async throws {
        try await TestCluster.with { cluster in
            guard case .ready = try await cluster.run(.running) else {
                Issue.record("the store is not ready")
                return
            }
            let path = "/apis/apps/v1/namespaces/\(cluster.store.namespace)/deployments/wordpress"
            let set: JSON = [
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "wordpress"],
                "spec": ["revisionHistoryLimit": .integer(7)],
            ]
            _ = try await cluster.kubernetes.apply(path, set, as: "kubectl-set", under: cluster.lease)
            // Helm 3 asks nobody.
            let isHelm4 = try await cluster.provisioner.helm.version().hasPrefix("v4")
            for (takesOver, expected) in [(false, isHelm4 ? 7 : nil), (true, nil)] as [(Bool, Int64?)] {
                let outcome = try await cluster.provisioner.run(
                    cluster.store,
                    desired: .running,
                    everReady: true,
                    isRetry: true,
                    takesOver: takesOver,
                    lease: cluster.lease,
                    journal: Notes()
                )
                guard case .ready(_, _, let change) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect((change != nil) == (expected != nil))
                #expect(change?.message.contains("kubectl-set has set .spec.revisionHistoryLimit") ?? true)
                let limit = try await cluster.kubernetes.get(path)?["spec"]["revisionHistoryLimit"]
                #expect((limit == .integer(7)) == (expected == 7))
            }
        }
    }

    @Test(
        "taking over lets Helm 4 set what another manager has set, and the change is made; Helm 3 is asked for nothing that it does not know"
    )
    func takesOver() async throws {
        try await TestCluster.with { cluster in
            guard case .ready = try await cluster.run(.running) else {
                Issue.record("the store is not ready")
                return
            }
            let path = cluster.namespacePath + "/secrets/wordpress-secret"
            let refusing = "case \"$*\" in *--server-side=true\\ --force-conflicts*) ;; *) echo '\(Self.conflict)' >&2; exit 1 ;; esac"
            let helm3 = "case \"$*\" in *--force-conflicts*) echo 'Error: unknown flag: --force-conflicts' >&2; exit 1 ;; esac"
            for (revision, script) in [refusing, "\(helm3)\nfi\nif [ \"$1\" = version ]; then\necho v3.19.0; exit 0"].enumerated() {
                let before = try #require(try await cluster.kubernetes.get(path))["data"]
                try await with(upgrade: script, in: cluster) { provisioner in
                    let (outcome, notes) = try await renewPassword(revision + 1, takesOver: true, by: provisioner, in: cluster)
                    guard case .ready(_, _, nil) = outcome else {
                        Issue.record("\(outcome): \(notes.all)")
                        return
                    }
                }
                #expect(try await cluster.kubernetes.get(path)?["data"] != before)
            }
        }
    }

    @Test("a Secret that is lost beside a volume is not made anew, and what can be done is said") func lostSecret() async throws {
        try await TestCluster.with { cluster in
            guard case .ready = try await cluster.run(.running) else {
                Issue.record("the store is not ready")
                return
            }
            let path = cluster.namespacePath + "/secrets/mysql-secret"
            let secret = try #require(try await cluster.kubernetes.get(path))
            try await cluster.kubernetes.delete(path, uid: try #require(secret.uid), under: cluster.lease)
            let outcome = try await cluster.run(.running, isRetry: true)
            guard case .failed(let message, permanent: true) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(message.contains("mysql-secret is gone"))
            #expect(try await cluster.kubernetes.get(path) == nil)
            // Deleting goes on all the same.
            #expect(try await cluster.run(.gone) == .gone)
        }
    }

    @Test("a Helm that reports success and does nothing is found out") func withoutEffect() async throws {
        try await TestCluster.with { cluster in
            try await with(upgrade: "exit 0", in: cluster) { provisioner in
                let outcome = try await provisioner.run(
                    cluster.store,
                    desired: .running,
                    everReady: false,
                    lease: cluster.lease,
                    journal: Notes()
                )
                #expect(
                    outcome == .failed(message: "Helm upgrade ended without an error 2 times, and nothing came of it.", permanent: false)
                )
            }
        }
    }
}
