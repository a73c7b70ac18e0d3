import Foundation
import NIOSSL
import Yams

/// Where the API server is and how to sign in, from a kubeconfig or from inside the cluster.
package struct KubernetesConfiguration: Sendable {
    /// Without a slash at the end.
    let server: String
    let token: Token
    let authority: [UInt8]?
    let clientCertificate: [UInt8]?
    let clientKey: [UInt8]?
    let verifies: Bool
    /// The file that Helm is given; `nil` inside the cluster, where Helm finds its own way.
    package let kubeconfigPath: String?

    enum Token: Sendable {
        case none
        case text(String)
        /// Read anew for each request: the kubelet rotates it.
        case file(String)
    }

    /// Looks at `path` (KUBECONFIG's value), then inside the cluster, then at `~/.kube/config`. Throws `.configuration`.
    package static func find(path: String?, environment: [String: String]) throws -> KubernetesConfiguration {
        if let path, !path.isEmpty { return try KubernetesConfiguration(kubeconfig: String(path.split(separator: ":")[0])) }
        if let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"] {
            let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
            return KubernetesConfiguration(
                server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
                token: .file(folder + "/token"),
                authority: try bytes(file: folder + "/ca.crt"),
                clientCertificate: nil,
                clientKey: nil,
                verifies: true,
                kubeconfigPath: nil
            )
        }
        return try KubernetesConfiguration(kubeconfig: (environment["HOME"] ?? "") + "/.kube/config")
    }

    private init(
        server: String,
        token: Token,
        authority: [UInt8]?,
        clientCertificate: [UInt8]?,
        clientKey: [UInt8]?,
        verifies: Bool,
        kubeconfigPath: String?
    ) {
        self.server = server
        self.token = token
        self.authority = authority
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.verifies = verifies
        self.kubeconfigPath = kubeconfigPath
    }

    /// The current context of a kubeconfig file. Throws `.configuration`, which names the file.
    package init(kubeconfig path: String) throws {
        func wrong(_ what: String) -> ClusterError { ClusterError(code: .configuration, message: "The kubeconfig \(path) \(what).") }
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch { throw wrong("cannot be read") }
        guard let file = try Yams.load(yaml: text) as? [String: Any] else { throw wrong("is no YAML object") }
        func entry(_ list: String, _ kind: String, _ name: Any?) -> [String: Any]? {
            let named = (file[list] as? [[String: Any]] ?? []).first { $0["name"] as? String == name as? String }
            return named?[kind] as? [String: Any]
        }
        guard let context = entry("contexts", "context", file["current-context"]) else { throw wrong("has no current context") }
        guard let cluster = entry("clusters", "cluster", context["cluster"]), let server = cluster["server"] as? String else {
            throw wrong("has no server for its current context")
        }
        let user = entry("users", "user", context["user"]) ?? [:]
        guard user["exec"] == nil, user["auth-provider"] == nil else {
            throw wrong("signs in by another program, which the worker does not run: give it a service account's token")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        func material(_ map: [String: Any], _ key: String) throws -> [UInt8]? {
            if let data = map[key + "-data"] as? String {
                guard let bytes = Data(base64Encoded: data) else { throw wrong("has a \(key)-data that is no base64") }
                return Array(bytes)
            }
            return try (map[key] as? String).map { try Self.bytes(file: URL(fileURLWithPath: $0, relativeTo: folder).path) }
        }
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        if let token = user["token"] as? String {
            self.token = .text(token)
        } else if let file = user["tokenFile"] as? String {
            token = .file(file)
        } else {
            token = .none
        }
        authority = try material(cluster, "certificate-authority")
        clientCertificate = try material(user, "client-certificate")
        clientKey = try material(user, "client-key")
        verifies = cluster["insecure-skip-tls-verify"] as? Bool != true
        kubeconfigPath = path
    }

    var bearer: String? {
        switch token {
        case .none: nil
        case .text(let token): token
        case .file(let path): (try? String(contentsOfFile: path, encoding: .utf8)).map { String($0.filter { !$0.isWhitespace }) }
        }
    }

    func tls() throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority)) }
        if let clientCertificate, let clientKey {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(clientCertificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: clientKey, format: .pem))
        }
        if !verifies { tls.certificateVerification = .none }
        return tls
    }

    private static func bytes(file: String) throws -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(fileURLWithPath: file))) } catch {
            throw ClusterError(code: .configuration, message: "The file \(file) cannot be read.")
        }
    }
}
