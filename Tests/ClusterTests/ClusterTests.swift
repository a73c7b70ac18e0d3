import Foundation
import Testing

@testable import Cluster

@Suite struct JSONTests {
    @Test("numbers, booleans and nothing keep their kinds, and other characters stay as they are") func kinds() throws {
        let text = #"{"a":[1,2.5,true,false,null,"🛒 \"/\""],"b":{"c":-9007199254740993}}"#
        let json = try JSON(data: Data(text.utf8))
        #expect(json["a"].items == [.integer(1), .number(2.5), .bool(true), .bool(false), .null, .string("🛒 \"/\"")])
        #expect(json["b"]["c"] == .integer(-9_007_199_254_740_993))
        #expect(json["nothing"]["at"]["all"].isNull)
        // Helm reads it as YAML, which does not know surrogate pairs.
        #expect(String(decoding: try json.data(), as: UTF8.self) == text)
    }

    @Test("Kubernetes' times are read with and without fractions") func times() {
        #expect(JSON.date("2026-11-23T09:08:12Z")?.timeIntervalSince1970 == 1_795_424_892)
        #expect(JSON.date("2026-11-23T09:08:12.500000Z").map { abs($0.timeIntervalSince1970 - 1_795_424_892.5) < 0.001 } == true)
        #expect(JSON.date("yesterday") == nil)
    }
}

@Suite struct KubernetesConfigurationTests {
    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("the current context's server and token are taken") func context() async throws {
        let path = try file(
            """
            current-context: b
            contexts: [{name: a, context: {cluster: a, user: a}}, {name: b, context: {cluster: b, user: b}}]
            clusters: [{name: a, cluster: {server: http://wrong}}, {name: b, cluster: {server: "http://127.0.0.1:6443/"}}]
            users: [{name: b, user: {token: secret}}]
            """
        )
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try KubernetesConfiguration(kubeconfig: path)
        #expect(configuration.server == "http://127.0.0.1:6443")
        #expect(try await configuration.identity.proof().headers.map(\.1) == ["Bearer secret"])
        #expect(configuration.kubeconfigPath == path)
    }

    @Test(
        "a kubeconfig that cannot be used says why",
        arguments: [
            ("[]", "no YAML object"), ("contexts: []", "no current context"),
            ("{current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}]}", "no server"),
            (
                "{current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {server: http://x}}], users: [{name: a, user: {exec: {command: x}}}]}",
                "an exec of apiVersion"
            ),
        ]
    )
    func wrong(text: String, problem: String) throws {
        let path = try file(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect { try KubernetesConfiguration(kubeconfig: path) } throws: { "\($0)".contains(problem) && "\($0)".contains(path) }
    }
}

@Suite struct ClusterErrorTests {
    @Test(
        "what may pass is told from what may not",
        arguments: [
            ("Error: another operation (install/upgrade/rollback) is in progress", true), ("dial tcp: connect: connection refused", true),
            (
                "Get \"http://127.0.0.1/apis\": net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: \"Co\"",
                true
            ),
            ("etcdserver: request timed out", true), ("failed calling webhook", true),
            ("Error: values don't meet the specifications of the schema(s)", false),
            ("field is immutable", false), ("invalid ownership metadata", false),
        ]
    )
    func helm(text: String, transient: Bool) {
        #expect(ClusterError(code: .helm(1), message: text).isTransient == transient)
    }

    @Test(
        "of Kubernetes' answers 409, 429 and 5xx may pass",
        arguments: [(400, false), (403, false), (409, true), (422, false), (429, true), (500, true), (503, true)]
    )
    func status(status: Int, transient: Bool) {
        #expect(ClusterError(code: .status(status), message: "").isTransient == transient)
    }
}
