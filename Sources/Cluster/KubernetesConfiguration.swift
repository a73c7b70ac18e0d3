import AsyncHTTPClient
import Foundation

/// Where the API server is and how to sign in, from a kubeconfig or from inside the cluster.
package struct KubernetesConfiguration: Sendable {
    let cluster: Kubeconfig.Cluster
    let user: Kubeconfig.User
    let identity: ClusterIdentity
    let proxy: HTTPClient.Configuration.Proxy?
    /// The file, or the files with colons between, that Helm is given; `nil` inside the cluster, where Helm finds its own way.
    package let kubeconfigPath: String?

    /// Looks at `path` (KUBECONFIG's value), then inside the cluster, then at `~/.kube/config`. Throws `.configuration`.
    package static func find(path: String?, environment: [String: String]) throws -> KubernetesConfiguration {
        if let path, !path.isEmpty { return try KubernetesConfiguration(kubeconfig: path, environment: environment) }
        if let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"] {
            let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
            // Both files are written anew by the kubelet.
            let cluster = Kubeconfig.Cluster(
                server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
                authority: .file(folder + "/ca.crt")
            )
            return try KubernetesConfiguration(
                cluster: cluster,
                user: .init(tokenFile: folder + "/token"),
                kubeconfigPath: nil,
                environment: [:]
            )
        }
        return try KubernetesConfiguration(kubeconfig: (environment["HOME"] ?? "") + "/.kube/config", environment: environment)
    }

    /// The current context of a kubeconfig file, or of several with colons between. Throws `.configuration`, which names the file.
    package init(kubeconfig path: String, environment: [String: String] = [:]) throws {
        let paths = path.split(separator: ":").map(String.init)
        guard !paths.isEmpty else { throw ClusterError(code: .configuration, message: "KUBECONFIG is \"\(path)\", which names no file.") }
        let file = try Kubeconfig(paths: paths)
        try self.init(cluster: file.cluster, user: file.user, kubeconfigPath: paths.joined(separator: ":"), environment: environment)
    }

    private init(cluster: Kubeconfig.Cluster, user: Kubeconfig.User, kubeconfigPath: String?, environment: [String: String]) throws {
        self.cluster = cluster
        self.user = user
        self.kubeconfigPath = kubeconfigPath
        identity = ClusterIdentity(cluster: cluster, user: user)
        proxy = try ClusterProxy.find(for: cluster, environment: environment)
        // What cannot be read now is told at start.
        for material in [cluster.authority, user.certificate, user.key] { _ = try material?.bytes() }
    }

    /// The server as the client is to ask for it: by the name that its certificate is for.
    var server: String {
        guard let name = cluster.serverName, var parts = URLComponents(string: cluster.server), parts.scheme == "https" else {
            return cluster.server
        }
        parts.host = name
        return parts.string ?? cluster.server
    }

    /// Where that name leads.
    var overrides: [String: String] {
        guard let name = cluster.serverName, let host = URLComponents(string: cluster.server)?.host else { return [:] }
        return [name: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))]
    }

    /// The file for Helm. Where a plugin says how to sign in, one with what it said now, below `home`: Helm has not our environment, and one job
    /// has one identity.
    package func kubeconfigForHelm(in home: String) async throws -> String? {
        guard let credential = try await identity.credential() else { return kubeconfigPath }
        let path = home + "/kubeconfig"
        guard
            FileManager.default.createFile(
                atPath: path + ".new",
                contents: try helmFile(credential).data(),
                attributes: [.posixPermissions: 0o600]
            ),
            rename(path + ".new", path) == 0
        else { throw ClusterError(code: .notStarted, message: "The kubeconfig for Helm cannot be written to \(path).") }
        return path
    }

    private func helmFile(_ credential: ExecPlugin.Credential) throws -> JSON {
        func base64(_ bytes: [UInt8]) -> JSON { .string(Data(bytes).base64EncodedString()) }
        var cluster: [String: JSON] = ["server": .string(self.cluster.server)]
        if let name = self.cluster.serverName { cluster["tls-server-name"] = .string(name) }
        if let bytes = try self.cluster.authority?.bytes() { cluster["certificate-authority-data"] = base64(bytes) }
        if !self.cluster.verifies { cluster["insecure-skip-tls-verify"] = true }
        if let proxy = self.cluster.proxy { cluster["proxy-url"] = .string(proxy) }
        var user: [String: JSON] = [:]
        if let token = credential.token { user["token"] = .string(token) }
        if let certificate = credential.certificate, let key = credential.key {
            user["client-certificate-data"] = base64(certificate)
            user["client-key-data"] = base64(key)
        }
        if let impersonation = self.user.impersonation {
            user["as"] = .string(impersonation.user)
            if let uid = impersonation.uid { user["as-uid"] = .string(uid) }
            if !impersonation.groups.isEmpty { user["as-groups"] = .array(impersonation.groups.map(JSON.string)) }
            let extra = impersonation.extra.mapValues { JSON.array($0.map(JSON.string)) }
            if !extra.isEmpty { user["as-user-extra"] = .object(extra) }
        }
        return [
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "contexts": [["name": "it", "context": ["cluster": "it", "user": "it"]]],
            "clusters": [["name": "it", "cluster": .object(cluster)]], "users": [["name": "it", "user": .object(user)]],
        ]
    }
}
