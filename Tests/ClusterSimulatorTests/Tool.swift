import Foundation
import Subprocess
import SystemPackage

@testable import ClusterSimulator

/// One of the real command-line tools, by its variable or from the package's `.tools/bin`.
enum Tool: String, Sendable, CaseIterable {
    case helm4 = "HELM4_PATH"
    case helm3 = "HELM3_PATH"
    case kubectl = "KUBECTL_PATH"

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    struct Output: Sendable {
        let status: Int32
        let text: String
    }

    private var fileName: String {
        switch self {
        case .helm4: "helm"
        case .helm3: "helm3"
        case .kubectl: "kubectl"
        }
    }

    func path() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment[rawValue] ?? root.appending(path: ".tools/bin/\(fileName)").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Missing(description: "\(rawValue) is not set and \(path) is not there: run scripts/test, which fetches the tools")
        }
        return path
    }

    /// Starts the tool; `ended` gives its output and exit status.
    ///
    /// Not by Foundation's Process: a child that Subprocess forks while another thread spawns one waits for ever for a lock of glibc 2.41 and later.
    func start(_ arguments: [String], in directory: WorkDirectory) async throws -> Running {
        let program = FilePath(try path())
        let file = directory.url.appending(path: UUID().uuidString)
        let output = try FileDescriptor.open(FilePath(file.path), .writeOnly, options: .create, permissions: .ownerReadWrite)
        let (ids, started) = AsyncStream<Int32>.makeStream()
        let status = Task {
            defer { started.finish() }
            let result = try await Subprocess.run(
                .path(program),
                arguments: Arguments(arguments),
                environment: .custom(["KUBECONFIG": directory.kubeconfig.path, "HOME": directory.url.path, "PATH": "/usr/bin:/bin"]),
                input: .none,
                output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                started.yield(Int32(execution.processIdentifier.value))
            }
            return if case .exited(let code) = result.terminationStatus { Int32(code) } else { Int32(-1) }
        }
        for await id in ids { return Running(id: id, status: status, file: file) }
        _ = try await status.value
        throw CancellationError()
    }

    func run(_ arguments: String..., in directory: WorkDirectory) async throws -> Output {
        try await start(arguments, in: directory).ended()
    }

    struct Running: Sendable {
        let id: Int32
        fileprivate let status: Task<Int32, any Error>
        fileprivate let file: URL

        func ended() async throws -> Output {
            Output(status: try await status.value, text: try String(contentsOf: file, encoding: .utf8))
        }
    }
}

/// A directory of a test's own, with the kubeconfig of its simulator.
struct WorkDirectory: Sendable {
    let url: URL
    var kubeconfig: URL { url.appending(path: "kubeconfig") }

    static let fixtures = Bundle.module.bundleURL.appending(path: "Fixtures").path
    static let chart = fixtures + "/store"

    init(_ simulator: Simulator) async throws {
        url = FileManager.default.temporaryDirectory.appending(path: "cluster-simulator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try await simulator.kubeconfig().write(to: kubeconfig, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
