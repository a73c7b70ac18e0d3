import Foundation

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
    func start(_ arguments: [String], in directory: WorkDirectory) throws -> Running {
        let process = Process()
        process.executableURL = URL(filePath: try path())
        process.arguments = arguments
        process.environment = ["KUBECONFIG": directory.kubeconfig.path, "HOME": directory.url.path, "PATH": "/usr/bin:/bin"]
        let file = directory.url.appending(path: UUID().uuidString)
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        let (ends, end) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = {
            end.yield($0.terminationStatus)
            end.finish()
        }
        try process.run()
        return Running(id: process.processIdentifier, ends: ends, file: file)
    }

    func run(_ arguments: String..., in directory: WorkDirectory) async throws -> Output {
        try await start(arguments, in: directory).ended()
    }

    struct Running: Sendable {
        let id: Int32
        fileprivate let ends: AsyncStream<Int32>
        fileprivate let file: URL

        func ended() async throws -> Output {
            for await status in ends { return Output(status: status, text: try String(contentsOf: file, encoding: .utf8)) }
            throw CancellationError()
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
