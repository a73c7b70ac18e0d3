import Foundation
import Subprocess
import SystemPackage

/// A program that says how to sign in, as EKS, GKE and AKS have it: `exec` of a kubeconfig's user (client.authentication.k8s.io/v1).
struct ExecPlugin: Sendable {
    /// What it says.
    struct Credential: Sendable {
        var token: String?
        var certificate: [UInt8]?
        var key: [UInt8]?
        /// `nil`: for as long as it is taken.
        var expires: Date?
    }

    private static let limit = Duration.seconds(30)
    /// What a plugin has no use for, and the worker keeps in its environment.
    private static let secrets = ["DATABASE_URL", "REDIS_URL", "ADMIN_TOKEN", "AUTH_KEYS", "CREDENTIALS_KEYS"]

    private let command: String
    private let arguments: [String]
    private let environment: [String: String]
    private let version: String
    private let info: JSON
    private let hint: String

    /// Throws `.configuration` for what cannot be run without somebody at a terminal.
    init(_ fields: Kubeconfig.Fields, for cluster: Kubeconfig.Cluster) throws(ClusterError) {
        guard let command = try fields.text("command") else { throw fields.wrong("has an exec without a command") }
        // With a slash it is a path beside the file.
        self.command = command.contains("/") ? fields.path(command) : command
        arguments = fields["args"] as? [String] ?? []
        let pairs = (fields["env"] as? [[String: Any]] ?? []).compactMap { entry in
            (entry["name"] as? String).flatMap { name in (entry["value"] as? String).map { (name, $0) } }
        }
        environment = Dictionary(pairs) { $1 }
        version = try fields.text("apiVersion") ?? ""
        guard ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"].contains(version) else {
            throw fields.wrong("has an exec of apiVersion \"\(version)\"; there are client.authentication.k8s.io/v1 and v1beta1")
        }
        guard try fields.text("interactiveMode") != "Always" else {
            throw fields.wrong("has an exec with interactiveMode Always, and nobody sits at a worker's terminal")
        }
        hint = try fields.text("installHint").map { " " + $0 } ?? ""
        var spec: [String: JSON] = ["interactive": false]
        if try fields.flag("provideClusterInfo") == true {
            var told: [String: JSON] = ["server": .string(cluster.server)]
            if let name = cluster.serverName { told["tls-server-name"] = .string(name) }
            if !cluster.verifies { told["insecure-skip-tls-verify"] = true }
            if let proxy = cluster.proxy { told["proxy-url"] = .string(proxy) }
            if let bytes = try cluster.authority?.bytes() {
                told["certificate-authority-data"] = .string(Data(bytes).base64EncodedString())
            }
            spec["cluster"] = .object(told)
        }
        info = ["apiVersion": .string(version), "kind": "ExecCredential", "spec": .object(spec)]
    }

    /// Runs it. Throws `.unreachable`: the same again may well succeed.
    func credential() async throws(ClusterError) -> Credential {
        var environment: [Environment.Key: String?] = [:]
        for name in Self.secrets { environment[Environment.Key(stringLiteral: name)] = .some(nil) }
        for (name, value) in self.environment { environment[Environment.Key(stringLiteral: name)] = value }
        let output: String
        do {
            environment["KUBERNETES_EXEC_INFO"] = String(decoding: try info.data(), as: UTF8.self)
            output = try await run(environment)
        } catch let error as ClusterError {
            throw error
        } catch {
            throw failed("could not be run: \(error).\(hint)")
        }
        return try parsed(output)
    }

    private func run(_ environment: [Environment.Key: String?]) async throws -> String {
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
        let executable: Executable = command.contains("/") ? .path(FilePath(command)) : .name(command)
        return try await withThrowingTaskGroup(of: String.self) { [platform] group in
            group.addTask {
                let result = try await Subprocess.run(
                    executable,
                    arguments: Arguments(arguments),
                    environment: .inherit.updating(environment),
                    platformOptions: platform,
                    output: .string(limit: 1 << 20),
                    error: .string(limit: 1 << 16)
                )
                guard result.terminationStatus.isSuccess else {
                    throw failed("failed: \(result.standardError.prefix(500))")
                }
                return result.standardOutput
            }
            group.addTask {
                try await Task.sleep(for: Self.limit)
                throw failed("did not answer within \(Self.limit.components.seconds) s")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    private func parsed(_ output: String) throws(ClusterError) -> Credential {
        guard let answer = try? JSON(data: Data(output.utf8)), answer["kind"].string == "ExecCredential",
            answer["apiVersion"].string == version
        else {
            throw failed("answered something that is no ExecCredential of \(version)")
        }
        let status = answer["status"]
        let credential = Credential(
            token: status["token"].string.flatMap { $0.isEmpty ? nil : $0 },
            certificate: status["clientCertificateData"].string.map { Array($0.utf8) },
            key: status["clientKeyData"].string.map { Array($0.utf8) },
            expires: JSON.date(status["expirationTimestamp"].string)
        )
        guard credential.token != nil || (credential.certificate != nil && credential.key != nil) else {
            throw failed("answered neither a token nor a certificate with its key")
        }
        return credential
    }

    private func failed(_ what: String) -> ClusterError {
        ClusterError(code: .unreachable, message: "The kubeconfig's exec plugin \(command) \(what)")
    }
}
