import Foundation
import NIOSSL
import Synchronization

/// As whom to speak to the API server, now: files that were written anew are read anew, and a plugin is run again before its answer is over.
actor ClusterIdentity {
    struct Proof: Sendable {
        var headers: [(String, String)]
        var tls: TLSConfiguration
    }

    /// How often files are looked at; a plugin's answer is renewed that long before its end.
    private static let pause = Duration.seconds(10)
    private static let margin: TimeInterval = 60

    private let cluster: Kubeconfig.Cluster
    private let user: Kubeconfig.User
    private var tls: (configuration: TLSConfiguration, materials: [[UInt8]], at: ContinuousClock.Instant)?
    private var answer: ExecPlugin.Credential?
    private var asking: Task<ExecPlugin.Credential, any Error>?

    init(cluster: Kubeconfig.Cluster, user: Kubeconfig.User) { (self.cluster, self.user) = (cluster, user) }

    /// Throws `ClusterError`.
    func proof() async throws -> Proof {
        let answer = try await credential()
        var headers = user.impersonation?.headers ?? []
        if let token = try answer?.token ?? user.tokenFile.map(Self.token) ?? user.token {
            headers.append(("Authorization", "Bearer " + token))
        } else if let name = user.name {
            headers.append(("Authorization", "Basic " + Data("\(name.user):\(name.password)".utf8).base64EncodedString()))
        }
        return Proof(headers: headers, tls: try configuration(answer))
    }

    /// What was shown was refused: a plugin is asked anew.
    func wasRefused() { answer = nil }

    /// What a plugin answered, for who cannot run it. `nil`: there is none.
    func credential() async throws -> ExecPlugin.Credential? {
        guard let plugin = user.plugin else { return nil }
        if let answer, answer.expires.map({ $0.timeIntervalSinceNow > Self.margin }) ?? true { return answer }
        if asking == nil { asking = Task { try await plugin.credential() } }
        defer { asking = nil }
        do {
            let fresh = try await asking?.value
            answer = fresh
            return fresh
        } catch {
            // The old answer may still do.
            if let answer, answer.expires.map({ $0 > Date() }) ?? true { return answer }
            throw error
        }
    }

    private func configuration(_ answer: ExecPlugin.Credential?) throws -> TLSConfiguration {
        if let tls, answer == nil, ContinuousClock.now - tls.at < Self.pause { return tls.configuration }
        let authority = try cluster.authority?.bytes() ?? []
        let certificate = try answer?.certificate ?? user.certificate?.bytes() ?? []
        let key = try answer?.key ?? user.key?.bytes() ?? []
        if let tls, tls.materials == [authority, certificate, key] {
            self.tls?.at = .now
            return tls.configuration
        }
        do {
            var made = TLSConfiguration.makeClientConfiguration()
            if !authority.isEmpty { made.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority)) }
            if !certificate.isEmpty, !key.isEmpty {
                made.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) }
                made.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
            }
            if !cluster.verifies { made.certificateVerification = .none }
            tls = (made, [authority, certificate, key], .now)
            return made
        } catch {
            // A file that is just being written: the next look finds it whole.
            if let tls { return tls.configuration }
            throw ClusterError(code: .configuration, message: "A certificate or key of the kubeconfig cannot be used: \(error).")
        }
    }

    private static func token(file: String) throws(ClusterError) -> String {
        guard let data = FileManager.default.contents(atPath: file), let text = String(validating: data, as: UTF8.self) else {
            throw ClusterError(code: .configuration, message: "The token file \(file) cannot be read.")
        }
        return text.filter { !$0.isWhitespace }
    }
}

extension Kubeconfig.Material {
    func bytes() throws(ClusterError) -> [UInt8] {
        switch self {
        case .data(let bytes): return bytes
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ClusterError(code: .configuration, message: "The file \(path) cannot be read.")
            }
            return Array(data)
        }
    }
}
