import Foundation

/// The path of one of the package's own programs, built beside the tests. Throws when it is not there.
package func builtProgram(_ name: String) throws -> String {
    let folders = testFolders + [packageRoot + "/.build/debug"]
    guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
        throw TestSupportError(message: "\(name) is not built in any of \(folders)")
    }
    return "\(folder)/\(name)"
}

/// Where the tests lie: on Linux they are a program of their own, elsewhere a bundle that another program loads.
private var testFolders: [String] {
    #if os(Linux)
    // Foundation's list of bundles ends the process on some systems (a null pointer, seen with glibc 2.43).
    return [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path]
    #else
    return Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent().path }
    #endif
}

/// The path of kubectl: `KUBECTL_PATH`, or what `scripts/test` fetched. Throws when it is not there.
package func kubectlProgram() throws -> String {
    let path = ProcessInfo.processInfo.environment["KUBECTL_PATH"] ?? packageRoot + "/.tools/bin/kubectl"
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw TestSupportError(message: "KUBECTL_PATH is not set and \(path) is not there: run scripts/test, which fetches the tools")
    }
    return path
}

/// The path of Helm: `HELM4_PATH`, or what `scripts/test` fetched. Throws when it is not there.
package func helmProgram() throws -> String {
    let path = ProcessInfo.processInfo.environment["HELM4_PATH"] ?? packageRoot + "/.tools/bin/helm"
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw TestSupportError(message: "HELM4_PATH is not set and \(path) is not there: run scripts/test, which fetches the tools")
    }
    return path
}
