import CoreMetrics
import Metrics
import Foundation
import Logging
import Observability
package import StoreDomain
import Subprocess
import SystemPackage

/// Helm as a command, 3 or 4. What changes the cluster runs under helm-guard, fed by the attempt's lease.
package struct HelmClient: Sendable {
    package struct Configuration: Sendable {
        /// Paths of the programs.
        package var helm: String
        package var guardProgram: String
        package var kubeconfig: String?
        package var times: LeaseTimes
        /// A folder of the worker's own for Helm's caches.
        package var home: String
        /// The kubeconfig as it is to be for the next command, where it is not always the same file.
        package var freshKubeconfig: (@Sendable () async throws -> String?)?

        package init(helm: String, guardProgram: String, kubeconfig: String?, times: LeaseTimes, home: String) {
            self.helm = helm
            self.guardProgram = guardProgram
            self.kubeconfig = kubeconfig
            self.times = times
            self.home = home
        }
    }

    /// Gets what Helm prints, line by line, as it prints it.
    package typealias LineHandler = @Sendable (String) async -> Void

    private let configuration: Configuration
    private let logger = Logger(label: "helm")

    package init(configuration: Configuration) { self.configuration = configuration }

    /// E.g. `v4.3.1`. Throws when Helm cannot be started, or is none that this was made for: before 3.14 it knows no labels of releases, and
    /// a later one than 4 nobody has tried.
    package func version() async throws -> String {
        let text = try await command(["version", "--template", "{{.Version}}"], lease: nil)
        guard Self.isSupported(text) else {
            let told = text.filter { !$0.isNewline }.prefix(100)
            throw ClusterError(code: .notStarted, message: "Helm 3.14 or later, or 4, is needed; \(configuration.helm) calls itself \(told).")
        }
        return text
    }

    /// `version`: as Helm tells it, e.g. `v3.14.0-rc.1`.
    package static func isSupported(_ version: String) -> Bool {
        let parts = version.dropFirst(version.hasPrefix("v") ? 1 : 0).split(separator: ".").prefix(2).map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return false }
        return major == 4 || (major == 3 && minor >= 14)
    }

    /// Installs or upgrades without waiting: the worker watches itself. `values` go by standard input, on top of the chart's `valueFiles`.
    /// `labels` go on the release's Secret.
    package func upgradeInstall(
        release: String,
        namespace: String,
        chart: String,
        valueFiles: [String],
        values: JSON,
        labels: [String: String],
        lease: any Lease,
        onLine: @escaping LineHandler = { _ in }
    ) async throws {
        var arguments = ["upgrade", "--install", release, chart, "--namespace", namespace]
        for file in valueFiles { arguments += ["--values", file] }
        arguments += [
            "--values", "-", "--history-max", "5", "--timeout", "120s", "--description", "by store-weaver", "--labels",
            labels.map { "\($0)=\($1)" }.sorted().joined(separator: ","),
        ]
        _ = try await command(arguments, input: try values.data(), lease: lease, onLine: onLine)
    }

    /// To the last revision that was deployed.
    package func rollback(release: String, namespace: String, lease: any Lease, onLine: @escaping LineHandler = { _ in }) async throws {
        _ = try await command(["rollback", release, "--namespace", namespace, "--timeout", "120s"], lease: lease, onLine: onLine)
    }

    /// Waits until its objects are gone; a release that is not there is no error.
    package func uninstall(
        release: String,
        namespace: String,
        timeout: Duration,
        lease: any Lease,
        onLine: @escaping LineHandler = { _ in }
    ) async throws {
        _ = try await command(
            [
                "uninstall", release, "--namespace", namespace, "--wait", "--ignore-not-found", "--timeout",
                "\(timeout.components.seconds)s",
            ],
            lease: lease,
            onLine: onLine
        )
    }

    /// The release's objects as YAML, secrets included: redact before showing.
    package func manifest(release: String, namespace: String) async throws -> String {
        try await command(["get", "manifest", release, "--namespace", namespace], lease: nil)
    }

    private func command(
        _ arguments: [String],
        input: Data = Data(),
        lease: (any Lease)?,
        onLine: @escaping LineHandler = { _ in }
    ) async throws -> String {
        let name = arguments.first ?? ""
        let begin = ContinuousClock.now
        func count(_ outcome: String) {
            Timer(label: "storeweaver_helm_seconds", dimensions: [("command", name), ("outcome", outcome)]).record(duration: .now - begin)
        }
        return try await Tracing.span("helm \(name)", kind: .client, attributes: [("arguments", arguments.joined(separator: " "))]) { _ in
            // No secret is ever in the arguments.
            if let lease {
                logger.info(
                    "Helm runs",
                    metadata: ["arguments": "\(arguments.joined(separator: " "))", "attempt": "\(lease.fence.number)"]
                )
            }
            do {
                let output = try await execute(arguments, input: input, lease: lease, onLine: onLine)
                count("done")
                return output
            } catch {
                count(error is LeaseLost || Task.isCancelled ? "stopped" : "failed")
                throw error
            }
        }
    }

    private func execute(
        _ arguments: [String],
        input: Data,
        lease: (any Lease)?,
        onLine: @escaping LineHandler
    ) async throws -> String {
        let kubeconfig = arguments.first == "version" ? nil : try await configuration.freshKubeconfig?() ?? configuration.kubeconfig
        if let lease { try lease.confirm() }
        let renewals = FaultSwitch.watchdog.isOff ? nil : lease?.renewals()
        var words = [configuration.helm] + arguments
        if renewals != nil {
            words =
                [configuration.guardProgram, configuration.times.term.milliseconds, configuration.times.kill.milliseconds, "--"] + words
        }
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: configuration.times.kill)]
        do {
            let result = try await run(
                .path(FilePath(words[0])),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(environment(kubeconfig)),
                platformOptions: platform,
                input: .inputWriter,
                output: .sequence,
                error: .sequence
            ) { execution in
                try await withThrowingTaskGroup(of: String?.self) { group in
                    if let renewals {
                        let writer = execution.standardInputWriter
                        // Ends with the lease: the guard takes the end of its input for the order to stop.
                        group.addTask {
                            var begun = false
                            // A guard that has ended, its Helm too, takes no more; its exit status tells the rest.
                            do {
                                for await time in renewals {
                                    if begun {
                                        _ = try await writer.write("\(time)\n")
                                    } else {
                                        _ = try await writer.write("\(input.count) \(time)\n")
                                        _ = try await writer.write(Array(input))
                                        begun = true
                                    }
                                }
                                try await writer.finish()
                            } catch is SubprocessError {}
                            return nil
                        }
                    } else {
                        if !input.isEmpty { _ = try await execution.standardInputWriter.write(Array(input)) }
                        try await execution.standardInputWriter.finish()
                    }
                    group.addTask { try await Self.collect(execution.standardOutput, limit: 8 << 20, onLine: onLine) }
                    async let complaint = Self.collect(execution.standardError, limit: 64 << 10, onLine: onLine)
                    var output = ""
                    while let text = try await group.next() {
                        if let text {
                            output = text
                            break
                        }
                    }
                    let complained = try await complaint
                    group.cancelAll()
                    return (output, complained)
                }
            }
            guard result.terminationStatus.isSuccess else {
                let status: Int32 = if case .exited(let code) = result.terminationStatus { Int32(code) } else { -1 }
                throw ClusterError(code: .helm(status), message: Self.lastWords(result.closureResult.1))
            }
            return result.closureResult.0
        } catch let error as SubprocessError {
            throw ClusterError(code: .notStarted, message: "\(words[0]) could not be run: \(error)")
        }
    }

    /// Nothing of the worker's own environment: there are passwords in it.
    private func environment(_ kubeconfig: String?) -> [Environment.Key: String] {
        var environment: [Environment.Key: String] = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": configuration.home,
            "HELM_CACHE_HOME": configuration.home + "/cache", "HELM_CONFIG_HOME": configuration.home + "/config",
            "HELM_DATA_HOME": configuration.home + "/data", "HELM_NO_PLUGINS": "1",
        ]
        environment["KUBECONFIG"] = kubeconfig
        // Inside the cluster Helm finds the API server by these, outside of it maybe by way of a proxy, as the worker does.
        let names =
            kubeconfig == nil
            ? ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"]
            : ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"]
        for name in names { environment[Environment.Key(stringLiteral: name)] = ProcessInfo.processInfo.environment[name] }
        return environment
    }

    private static func collect(_ stream: SubprocessOutputSequence, limit: Int, onLine: LineHandler) async throws -> String {
        var bytes: [UInt8] = []
        var told = 0
        for try await chunk in stream where bytes.count < limit {
            chunk.withUnsafeBytes { bytes.append(contentsOf: $0) }
            while let end = bytes[told...].firstIndex(of: 0x0a) {
                await onLine(String(decoding: bytes[told..<end], as: UTF8.self))
                told = end + 1
            }
        }
        if told < bytes.count { await onLine(String(decoding: bytes[told...], as: UTF8.self)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Helm's error in one line, without its warnings.
    private static func lastWords(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("WARNING") && !$0.hasPrefix("level=") }
        return lines.isEmpty ? "Helm failed without a word." : lines.joined(separator: " ").prefix(2_000).description
    }
}

extension Duration {
    fileprivate var milliseconds: String { String(components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000) }
}
