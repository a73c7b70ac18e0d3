import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Cluster

/// What our client sends by a kubeconfig is what kubectl sends by the same one.
@Suite(.serialized, .timeLimit(.minutes(20))) struct KubectlBaselineTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "baseline-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try "from-a-file\n".write(toFile: folder + "/token", atomically: true, encoding: .utf8)
        let plugin = """
            #!/bin/sh
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"of-a-plugin"}}'
            """
        try plugin.write(toFile: folder + "/plugin", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/plugin")
    }

    private static let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never}"
    private static let extra = "as: eve, as-uid: '7', as-groups: [g, h], as-user-extra: {Scope: [read, write], example.com/team: [ops]}"

    /// `PORT` and `PROXY` stand for those of the test's servers.
    private func kubeconfig(_ cluster: String, _ user: String, port: Int, proxy: UInt16) throws -> String {
        let path = folder + "/config"
        let text = """
            {apiVersion: v1, kind: Config, current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}],
             clusters: [{name: a, cluster: {\(cluster)}}], users: [{name: a, user: {\(user)}}]}
            """
        try text.replacing("PORT", with: "\(port)").replacing("PROXY", with: "\(proxy)").write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        return path
    }

    private func kubectl(_ path: String, _ environment: [String: String]) async throws -> Bool {
        var keys: [Environment.Key: String] = ["HOME": folder, "PATH": "/usr/bin:/bin"]
        for (name, value) in environment { keys[Environment.Key(stringLiteral: name)] = value }
        let result = try await run(
            .path(FilePath(try kubectlProgram())),
            arguments: ["--kubeconfig", path, "--request-timeout", "20s", "get", "--raw", "/version"],
            environment: .custom(keys),
            output: .discarded,
            error: .discarded
        )
        return result.terminationStatus.isSuccess
    }

    private func ours(_ path: String, _ environment: [String: String]) async throws -> Bool {
        let client = try KubernetesClient(configuration: KubernetesConfiguration(kubeconfig: path, environment: environment))
        let answer = try? await client.get("/version")
        try await client.close()
        return answer != nil
    }

    private struct Sent: Equatable {
        var isAnswered: Bool
        var headers: [String: [String]]
        var names: Set<String>
        var tunnels: Set<String>
    }

    private static let trusted = "server: 'https://127.0.0.1:PORT', certificate-authority: ca.crt"

    @Test(
        "the same identity, name, authority and proxy",
        arguments: [
            (trusted, "token: secret", [:]), (trusted, "token: a, tokenFile: token", [:]),
            (trusted, "username: ada, password: hunter2", [:]),
            (trusted, "token: secret, " + extra, [:]), (trusted, exec, [:]), (trusted, exec + ", " + extra, [:]),
            ("server: 'https://127.0.0.1:PORT'", "token: secret", [:]),
            ("server: 'https://127.0.0.1:PORT', insecure-skip-tls-verify: true", "token: secret", [:]),
            (trusted + ", tls-server-name: api.test", "token: secret", [:]),
            (trusted + ", proxy-url: 'http://127.0.0.1:PROXY'", "token: secret", [:]),
            (trusted.replacing("127.0.0.1", with: "api.test"), "token: secret", ["HTTPS_PROXY": "http://127.0.0.1:PROXY"]),
            (
                trusted.replacing("127.0.0.1", with: "api.test"), "token: secret",
                ["https_proxy": "127.0.0.1:PROXY", "NO_PROXY": "other.test"]
            ),
            (
                trusted.replacing("127.0.0.1", with: "api.test"), "token: secret",
                ["HTTPS_PROXY": "http://127.0.0.1:PROXY", "NO_PROXY": ".test"]
            ),
            (trusted, "token: secret", ["HTTPS_PROXY": "http://127.0.0.1:PROXY"]),
            (trusted + ", tls-server-name: api.test, proxy-url: 'http://127.0.0.1:PROXY'", "token: secret", [:]),
        ] as [(String, String, [String: String])]
    )
    func same(cluster: String, user: String, environment: [String: String]) async throws {
        try await RecordingServer.run(in: folder) { server in
            let proxy = try TunnelProxy(to: server.port)
            defer { proxy.stop() }
            let path = try kubeconfig(cluster, user, port: server.port, proxy: proxy.port)
            let environment = environment.mapValues { $0.replacing("PROXY", with: "\(proxy.port)") }
            func sent(_ ask: (String, [String: String]) async throws -> Bool) async throws -> Sent {
                let isAnswered = try await ask(path, environment)
                let heard = server.take()
                let told = heard.headers.filter { $0.key == "authorization" || $0.key.hasPrefix("impersonate-") }
                return Sent(
                    isAnswered: isAnswered,
                    headers: Dictionary(uniqueKeysWithValues: told.map { ($0.key.removingPercentEncoding ?? $0.key, $0.value) }),
                    names: Set(heard.names),
                    tunnels: Set(proxy.take())
                )
            }
            let (theirs, own) = (try await sent(kubectl), try await sent(ours))
            #expect(own == theirs)
        }
    }

    @Test("what a plugin said and as whom to act is in Helm's file, as kubectl reads it") func helmFile() async throws {
        try await RecordingServer.run(in: folder) { server in
            let path = try kubeconfig(Self.trusted, Self.exec + ", " + Self.extra, port: server.port, proxy: 0)
            let forHelm = try #require(try await KubernetesConfiguration(kubeconfig: path).kubeconfigForHelm(in: folder))
            #expect(try await ours(path, [:]))
            let own = server.take().headers.filter { $0.key.hasPrefix("impersonate-") || $0.key == "authorization" }
            #expect(try await kubectl(forHelm, [:]))
            let theirs = server.take().headers.filter { $0.key.hasPrefix("impersonate-") || $0.key == "authorization" }
            #expect(own.count == 6 && own == theirs)
        }
    }
}
