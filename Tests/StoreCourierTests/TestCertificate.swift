import Foundation
import NIOSSL
import TestSupport

/// A certificate of a name, made anew, which nobody vouches for but who is told to.
enum TestCertificate {
    static func contexts(for name: String) async throws -> (server: NIOSSLContext, client: TLSConfiguration) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sw-hook-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=\(name) -addext subjectAltName=DNS:\(name)"
        let files = " -keyout \(folder)/key.pem -out \(folder)/certificate.pem"
        try await PrivateServer.run("/usr/bin/env", ["openssl"] + (request + files).split(separator: " ").map(String.init))
        let certificates = try NIOSSLCertificate.fromPEMFile("\(folder)/certificate.pem")
        let server = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder)/key.pem", format: .pem))
        )
        var believing = TLSConfiguration.makeClientConfiguration()
        believing.trustRoots = .certificates(certificates)
        return (try NIOSSLContext(configuration: server), believing)
    }
}
