import Foundation
import Subprocess
import SystemPackage

/// A server that `scripts/lib/postgres` or `scripts/lib/redis` starts in a temporary folder and that ends with this process.
package struct PrivateServer: Sendable {
    package enum Kind: String, Sendable {
        case postgres
        case redis
    }

    /// The Redis that the tests are to run on, when it is not the one on PATH: `scripts/test queue` sets these.
    package enum RedisFlavour {
        /// The server's program.
        package static let program = ProcessInfo.processInfo.environment["TEST_REDIS_SERVER"]
        package static let isCluster = ProcessInfo.processInfo.environment["TEST_REDIS_CLUSTER"] == "yes"
        /// How its version begins, e.g. `redis 6.2` or `valkey 8`.
        package static let expected = ProcessInfo.processInfo.environment["TEST_REDIS_VERSION"]
    }

    package let kind: Kind
    package let folder: String

    /// Starts it. Throws what the script said when the server's programs are not installed: such a test fails, it does not skip.
    package static func start(_ kind: Kind) async throws -> PrivateServer {
        // Not in the user's own temporary folder: its path may be too long for a socket's name.
        let folder = "/tmp/sw-\(kind.rawValue)-\(UUID().uuidString.prefix(8).lowercased())"
        let server = PrivateServer(kind: kind, folder: folder)
        try await server.script("start", ["--guard", String(ProcessInfo.processInfo.processIdentifier)] + kind.options)
        return server
    }

    package func start() async throws {
        try await script("start", kind.options)
    }

    package func stop() async throws { try await script("stop") }

    /// Ends it as a crash would.
    package func kill() async throws { try await script("kill") }

    private func script(_ command: String, _ options: [String] = []) async throws {
        try await Self.run(packageRoot + "/scripts/lib/" + kind.rawValue, [command, folder] + options)
    }

    /// Runs a program to its end. Throws its standard error when it fails.
    package static func run(_ executable: String, _ arguments: [String]) async throws {
        // Foundation's Process would wait for the daemons that the script leaves behind.
        let result = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: Arguments(arguments),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            throw TestSupportError(message: "\(executable) \(arguments.joined(separator: " ")): \(result.standardError)")
        }
    }
}

package struct TestSupportError: Error, CustomStringConvertible {
    package let message: String

    package init(message: String) { self.message = message }

    package var description: String { message }
}

/// The folder of `Package.swift`.
package let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

extension PrivateServer.Kind {
    fileprivate var options: [String] {
        switch self {
        case .postgres: ["-c", "fsync=off", "-c", "max_connections=200"]
        case .redis:
            (PrivateServer.RedisFlavour.program.map { ["--server", $0] } ?? [])
                + (PrivateServer.RedisFlavour.isCluster ? ["--cluster"] : [])
        }
    }
}
