import Foundation
import Testing

@testable import ClusterSimulator

/// The real Helm 3, Helm 4 and kubectl against a simulator on the loopback.
@Suite(.timeLimit(.minutes(20))) struct HelmTests {
    private func withCluster(speed: Double = 20, _ body: @Sendable @escaping (Simulator, WorkDirectory) async throws -> Void) async throws {
        var settings = SimulatorConfiguration()
        settings.delays = Delays(speed: speed)
        try await withSimulator(settings) { simulator in
            let directory = try await WorkDirectory(simulator)
            defer { directory.remove() }
            try await expect(.kubectl, ["create", "namespace", "store"], in: directory)
            try await body(simulator, directory)
        }
    }

    @discardableResult
    private func expect(_ tool: Tool, _ arguments: [String], fails: Bool = false, in directory: WorkDirectory) async throws -> String {
        let output = try await tool.start(arguments, in: directory).ended()
        #expect((output.status != 0) == fails, "\(tool) \(arguments): \(output.text)")
        return output.text
    }

    private func install(_ extra: String...) -> [String] {
        ["upgrade", "--install", "store", WorkDirectory.chart, "-n", "store", "--wait", "--timeout", "60s"] + extra
    }

    private func status(_ helm: Tool, in directory: WorkDirectory) async throws -> String? {
        let text = try await expect(helm, ["status", "store", "-n", "store", "-o", "json"], in: directory)
        return try JSONReader.read(Array(text.utf8))["info"]["status"].string
    }

    private func environment(in directory: WorkDirectory) async throws -> String {
        try await expect(
            .kubectl,
            ["get", "deployment", "store-app", "-n", "store", "-o", "jsonpath={.spec.template.spec.containers[0].env[*].name}"],
            in: directory
        )
    }

    @Test("a release is installed, upgraded, rolled back and uninstalled", arguments: [Tool.helm3, .helm4])
    func lifecycle(helm: Tool) async throws {
        try await withCluster { _, directory in
            try await expect(helm, install(), in: directory)
            #expect(try await status(helm, in: directory) == "deployed")
            #expect(try await environment(in: directory) == "SALT ONLY_FIRST")
            try await expect(helm, install("--set", "motto=second"), in: directory)
            #expect(try await environment(in: directory) == "SALT")
            try await expect(helm, ["rollback", "store", "1", "-n", "store", "--wait", "--timeout", "60s"], in: directory)
            #expect(try await environment(in: directory) == "SALT ONLY_FIRST")
            try await expect(helm, ["uninstall", "store", "-n", "store", "--wait", "--timeout", "60s"], in: directory)
            let left = try await expect(.kubectl, ["get", "deployments,statefulsets,pvc", "-n", "store", "-o", "name"], in: directory)
            #expect(left == "persistentvolumeclaim/data-store-db-0\n")
        }
    }

    @Test("Helm 3 and 4 take turns on one release")
    func turns() async throws {
        try await withCluster { _, directory in
            try await expect(.helm3, install(), in: directory)
            try await expect(.helm4, install("--set", "motto=second"), in: directory)
            try await expect(.helm3, install("--set", "motto=third"), in: directory)
            #expect(try await status(.helm4, in: directory) == "deployed")
            #expect(try await environment(in: directory) == "SALT")
        }
    }

    @Test("a killed install stays pending; uninstall repairs it", arguments: [Tool.helm3, .helm4])
    func killed(helm: Tool) async throws {
        try await withCluster { simulator, directory in
            await simulator.setFaults([Fault(.pending)], on: "store")
            let running = try await helm.start(install(), in: directory)
            let created = ["wait", "--for=create", "-n", "store", "deployment/store-app", "--timeout=60s"]
            try await expect(.kubectl, created, in: directory)
            kill(running.id, SIGKILL)
            _ = try await running.ended()
            #expect(try await status(helm, in: directory) == "pending-install")
            let again = try await expect(helm, install(), fails: true, in: directory)
            #expect(again.contains("another operation (install/upgrade/rollback) is in progress"))
            await simulator.setFaults([], on: "store")
            try await expect(helm, ["uninstall", "store", "-n", "store", "--wait", "--timeout", "60s"], in: directory)
            try await expect(helm, install(), in: directory)
        }
    }

    @Test("pods that cannot start let an install run into its time limit", arguments: [Tool.helm3, .helm4])
    func timesOut(helm: Tool) async throws {
        try await withCluster { simulator, directory in
            await simulator.setFaults([Fault(.imagePullFailure)], on: "store")
            try await expect(
                helm,
                ["install", "store", WorkDirectory.chart, "-n", "store", "--wait", "--timeout", "3s"],
                fails: true,
                in: directory
            )
            #expect(try await status(helm, in: directory) == "failed")
            let events = try await expect(.kubectl, ["get", "events", "-n", "store"], in: directory)
            #expect(events.contains("ImagePullBackOff"))
            await simulator.setFaults([], on: "store")
            try await expect(helm, install(), in: directory)
        }
    }

    @Test("kubectl applies, sees a quota's refusal, and deletes the namespace")
    func kubectl() async throws {
        try await withCluster { _, directory in
            try await expect(.kubectl, ["create", "quota", "small", "-n", "store", "--hard=pods=1,requests.cpu=1"], in: directory)
            try await expect(.kubectl, ["apply", "-n", "store", "-f", WorkDirectory.fixtures + "/bare.yaml"], in: directory)
            try await expect(
                .kubectl,
                ["wait", "deployment/bare", "-n", "store", "--for=condition=ReplicaFailure", "--timeout=60s"],
                in: directory
            )
            let events = try await expect(.kubectl, ["get", "events", "-n", "store"], in: directory)
            #expect(events.contains("failed quota: small: must specify requests.cpu"))
            let deleted = try await expect(.kubectl, ["delete", "namespace", "store", "--timeout=60s"], in: directory)
            #expect(deleted.contains("deleted"))
            let absent = try await expect(.kubectl, ["get", "namespace", "store"], fails: true, in: directory)
            #expect(absent.contains("NotFound"))
        }
    }

    @Test("a stuck namespace outlasts kubectl's patience, and goes when the fault is lifted")
    func stuck() async throws {
        try await withCluster { simulator, directory in
            await simulator.setFaults([Fault(.stuckTerminating)], on: "store")
            try await expect(.kubectl, ["delete", "namespace", "store", "--timeout=1s"], fails: true, in: directory)
            await simulator.setFaults([], on: "store")
            try await expect(.kubectl, ["wait", "--for=delete", "namespace/store", "--timeout=60s"], in: directory)
        }
    }
}
