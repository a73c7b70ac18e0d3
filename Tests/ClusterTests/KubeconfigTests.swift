import Foundation
import Testing

@testable import Cluster

/// Each field that kubectl reads does here what it does there, or is refused by its name.
@Suite struct KubeconfigTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "kube-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = folder.appending(path: name)
        try text.write(to: path, atomically: true, encoding: .utf8)
        return path.path
    }

    private func configuration(
        cluster: String = "server: https://127.0.0.1:6443",
        user: String = "token: secret",
        environment: [String: String] = [:]
    ) throws -> KubernetesConfiguration {
        let path = try file(
            "config-\(UUID().uuidString)",
            """
            {current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {\(cluster)}}],
             users: [{name: a, user: {\(user)}}]}
            """
        )
        return try KubernetesConfiguration(kubeconfig: path, environment: environment)
    }

    private func headers(_ configuration: KubernetesConfiguration) async throws -> [String: String] {
        Dictionary(try await configuration.identity.proof().headers) { "\($0),\($1)" }
    }

    @Test("a name for TLS is asked for, at the server's address") func serverName() throws {
        let it = try configuration(cluster: "server: https://10.0.0.1:6443, tls-server-name: kubernetes.default")
        #expect(it.server == "https://kubernetes.default:6443" && it.overrides == ["kubernetes.default": "10.0.0.1"])
        #expect(try configuration().server == "https://127.0.0.1:6443")
    }

    @Test("who has a name and a password sends them, and who acts as another says so") func identities() async throws {
        #expect(try await headers(configuration(user: "username: ada, password: hunter2")) == ["Authorization": "Basic YWRhOmh1bnRlcjI="])
        #expect(
            try await headers(configuration(user: "token: t, as: eve, as-uid: '7', as-groups: [g, h], as-user-extra: {Scope: [x]}"))
                == [
                    "Authorization": "Bearer t", "Impersonate-User": "eve", "Impersonate-Uid": "7", "Impersonate-Group": "g,h",
                    "Impersonate-Extra-scope": "x",
                ]
        )
    }

    @Test("a token's file counts more than a token, and is read anew") func tokenFile() async throws {
        let path = try file("token", "one\n")
        let it = try configuration(user: "token: zero, tokenFile: \(path)")
        #expect(try await headers(it)["Authorization"] == "Bearer one")
        try "two".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try await headers(it)["Authorization"] == "Bearer two")
    }

    @Test("an authority in several lines, and an empty one, are taken as kubectl takes them") func authorities() throws {
        let lines = Data("-----BEGIN CERTIFICATE-----".utf8).base64EncodedString(options: .lineLength64Characters)
        let path = try file(
            "lines",
            """
            current-context: a
            contexts: [{name: a, context: {cluster: a}}]
            clusters:
            - name: a
              cluster:
                server: https://127.0.0.1
                certificate-authority-data: |
                  \(lines.prefix(10))
                  \(lines.dropFirst(10))
            """
        )
        #expect(try KubernetesConfiguration(kubeconfig: path).cluster.authority?.bytes() == Array("-----BEGIN CERTIFICATE-----".utf8))
        let skipping = try configuration(
            cluster: "server: https://127.0.0.1, certificate-authority-data: '', insecure-skip-tls-verify: true"
        )
        #expect(!skipping.cluster.verifies && skipping.cluster.authority == nil)
    }

    @Test("files are merged, the first wins, and those that are not there are left out") func merged() async throws {
        let one = try file("one", "{current-context: a, users: [{name: a, user: {token: first}}]}")
        let two = try file(
            "two",
            "{current-context: b, contexts: [{name: a, context: {cluster: a, user: a}}], clusters: [{name: a, cluster: {server: http://x}}], users: [{name: a, user: {token: second}}]}"
        )
        let it = try KubernetesConfiguration(kubeconfig: "/nowhere/at/all:\(one)::\(two)")
        #expect(it.server == "http://x" && it.kubeconfigPath == "/nowhere/at/all:\(one):\(two)")
        #expect(try await headers(it)["Authorization"] == "Bearer first")
    }

    @Test(
        "what cannot be done is refused by its name",
        arguments: [
            ("server: https://a, insecure-skip-tls-verify: true, certificate-authority-data: QQ==", "token: t", "insecure-skip-tls-verify"),
            ("server: https://a, insecure-skip-tls-verify: sometimes", "token: t", "insecure-skip-tls-verify"),
            ("server: https://a, certificate-authority-data: '%'", "token: t", "certificate-authority-data"),
            ("server: https://a, certificate-authority: /nowhere/ca.crt", "token: t", "/nowhere/ca.crt"),
            ("server: https://a, proxy-url: 'https://proxy:1'", "token: t", "proxy-url"), ("server: 'ftp://a'", "token: t", "server"),
            ("server: https://a", "auth-provider: {name: gcp}", "auth-provider"), ("server: https://a", "token: 7", "token"),
            ("server: https://a", "client-certificate-data: QQ==", "client-key"), ("server: https://a", "password: x", "username"),
            ("server: https://a", "as-groups: [g]", "as-groups"),
            ("server: https://a", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "v1alpha1"),
            (
                "server: https://a", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
                "interactiveMode"
            ),
            ("server: https://a", "exec: {apiVersion: client.authentication.k8s.io/v1}", "command"),
        ]
    )
    func refused(cluster: String, user: String, name: String) {
        #expect { try configuration(cluster: cluster, user: user) } throws: {
            ($0 as? ClusterError)?.code == .configuration && "\($0)".contains(name)
        }
    }

    @Test("KUBECONFIG without a file is refused, and does not crash", arguments: [":", "::"]) func colons(_ text: String) {
        #expect { try KubernetesConfiguration.find(path: text, environment: [:]) } throws: { "\($0)".hasPrefix("KUBECONFIG is") }
    }

    @Test(
        "a proxy is the kubeconfig's, or the environment's unless the server is excepted",
        arguments: [
            ("server: https://api.example.com, proxy-url: 'http://p:3128'", ["NO_PROXY": "*"], true),
            ("server: https://api.example.com", [:], false),
            ("server: https://api.example.com", ["HTTPS_PROXY": "http://p:3128"], true),
            ("server: https://api.example.com", ["https_proxy": "p:3128"], true),
            ("server: https://api.example.com", ["HTTP_PROXY": "http://p:3128"], false),
            ("server: https://api.example.com", ["HTTPS_PROXY": "http://p", "NO_PROXY": "example.com"], false),
            ("server: https://api.example.com", ["HTTPS_PROXY": "http://p", "NO_PROXY": "other.com, .example.com"], false),
            ("server: https://api.example.com:6443", ["HTTPS_PROXY": "http://p", "NO_PROXY": "example.com:443"], true),
            ("server: https://10.1.2.3", ["HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8"], false),
            ("server: https://127.0.0.1:6443", ["HTTPS_PROXY": "http://p"], false),
        ] as [(String, [String: String], Bool)]
    )
    func proxies(cluster: String, environment: [String: String], isThere: Bool) throws {
        #expect((try configuration(cluster: cluster, environment: environment).proxy != nil) == isThere)
    }

    @Test("a plugin says how to sign in, is asked again before that is over, and Helm gets the same") func plugins() async throws {
        let count = folder.appending(path: "count").path
        let script = try file(
            "plugin",
            """
            #!/bin/sh
            echo x >> "$COUNT"
            [ "$DATABASE_URL" = "" ] || exit 9
            case "$KUBERNETES_EXEC_INFO" in *'"server":"https:'*) ;; *) exit 8 ;; esac
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s","expirationTimestamp":"%s"}}' \
                "$(wc -l < "$COUNT" | tr -d ' ')" "$WHEN"
            """
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        func plugin(_ when: Date) -> String {
            """
            exec: {apiVersion: client.authentication.k8s.io/v1, command: \(script), provideClusterInfo: true, interactiveMode: IfAvailable,
                   env: [{name: COUNT, value: '\(count)'}, {name: WHEN, value: '\(when.formatted(.iso8601))'}]}, as: eve
            """
        }
        let lasting = try configuration(user: plugin(Date(timeIntervalSinceNow: 3_600)))
        for _ in 1...3 { #expect(try await headers(lasting)["Authorization"] == "Bearer t1") }
        let path = try #require(try await lasting.kubeconfigForHelm(in: folder.path))
        let forHelm = try KubernetesConfiguration(kubeconfig: path)
        #expect(try await headers(forHelm) == ["Authorization": "Bearer t1", "Impersonate-User": "eve"])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        await lasting.identity.wasRefused()
        #expect(try await headers(lasting)["Authorization"] == "Bearer t2")
        let brief = try configuration(user: plugin(Date(timeIntervalSinceNow: 30)))
        #expect(try await headers(brief)["Authorization"] == "Bearer t3")
        #expect(try await headers(brief)["Authorization"] == "Bearer t4")
    }

    @Test("a plugin that fails is told with its words") func brokenPlugin() async throws {
        let script = try file("broken", "#!/bin/sh\necho 'no session: run login' >&2\nexit 1\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let it = try configuration(user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: \(script)}")
        await #expect { try await it.identity.proof() } throws: { "\($0)".contains("no session: run login") }
    }
}

@Suite struct HelmVersionTests {
    @Test(
        "Helm from 3.14 and 4 is taken",
        arguments: [
            ("v3.14.0", true), ("v3.19.2", true), ("v4.3.1", true), ("v3.14.0-rc.1", true), ("v3.13.3", false), ("v3.11.2", false),
            ("v2.17.0", false),
            ("v5.0.0", false), ("", false), ("helm", false),
        ]
    )
    func versions(_ version: String, _ isTaken: Bool) { #expect(HelmClient.isSupported(version) == isTaken) }
}
