import CoreMetrics
import Metrics
import Foundation
import Logging
import Observability
package import StoreDomain
import Subprocess
import Synchronization
import SystemPackage

/// Helm as a command, 3 or 4, under helm-guard, which leaves nothing of it running. What changes the cluster is fed by the attempt's lease; what only
/// reads gets its time at once. Whatever Helm does, a command ends: by its own time limit, and where it does not heed that, by ours.
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
        /// How long a command may take that waits for nothing but the API server.
        package var limit = HelmClient.patience + HelmClient.margin

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

    /// What Helm itself is told to wait for the API server, and what it gets beyond its own limit until it is stopped.
    private static let (patience, margin) = (Duration.seconds(120), Duration.seconds(60))

    private let configuration: Configuration
    private let logger = Logger(label: "helm")

    package init(configuration: Configuration) { self.configuration = configuration }

    /// E.g. `v4.3.1`. Throws when Helm cannot be started, or is none that this was made for: before 3.14 it knows no labels of releases, and
    /// a later one than 4 nobody has tried.
    package func version() async throws -> String {
        let text = try await command(["version", "--template", "{{.Version}}"], limit: .seconds(30), lease: nil).plain(atMost: 100)
        guard Self.isSupported(text) else {
            throw ClusterError(
                code: .notStarted,
                message: "Helm 3.14 or later, or 4, is needed; \(configuration.helm) calls itself \(text)."
            )
        }
        return text
    }

    /// `version`: as Helm tells it, e.g. `v3.14.0-rc.1`.
    package static func isSupported(_ version: String) -> Bool {
        let parts = version.dropFirst(version.hasPrefix("v") ? 1 : 0).split(separator: ".").prefix(2).map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return false }
        return major == 4 || (major == 3 && minor >= 14)
    }

    /// Installs or upgrades without waiting: the worker watches itself. `values` go by standard input, on top of the chart's own.
    /// `labels` go on the release's Secret. `takesOver`: fields that another manager has set are set all the same. Helm 3 asks nobody before it sets one.
    package func upgradeInstall(
        release: String,
        namespace: String,
        chart: String,
        values: JSON,
        labels: [String: String],
        takesOver: Bool = false,
        lease: any Lease,
        onLine: @escaping LineHandler = { _ in }
    ) async throws {
        var arguments = ["upgrade", "--install", release, chart, "--namespace", namespace]
        arguments += [
            "--values", "-", "--history-max", "5", "--timeout", Self.patience.text, "--description", "by store-weaver", "--labels",
            labels.map { "\($0)=\($1)" }.sorted().joined(separator: ","),
        ]
        if takesOver, try await !version().hasPrefix("v3.") { arguments += ["--server-side=true", "--force-conflicts"] }
        _ = try await command(arguments, input: try values.data(), lease: lease, onLine: onLine)
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
                "uninstall", release, "--namespace", namespace, "--wait", "--ignore-not-found", "--timeout", timeout.text,
            ],
            limit: timeout + Self.margin,
            lease: lease,
            onLine: onLine
        )
    }

    /// The release's objects as YAML, secrets included: redact before showing.
    package func manifest(release: String, namespace: String) async throws -> String {
        try await command(["get", "manifest", release, "--namespace", namespace], lease: nil)
    }

    /// The release as its newest record has it; `nil` where there is none.
    package func release(_ release: String, namespace: String) async throws -> InstalledRelease? {
        do {
            let about = try await command(["get", "metadata", release, "--namespace", namespace, "--output", "json"], lease: nil)
            let values = try await command(["get", "values", release, "--namespace", namespace, "--all", "--output", "json"], lease: nil)
            return InstalledRelease(
                version: try JSON(data: Data(about.utf8))["version"].string.flatMap { ChartVersion($0) },
                values: try JSON(data: Data(values.utf8))
            )
        } catch let error as ClusterError where error.message.contains("release: not found") { return nil }
    }

    private func command(
        _ arguments: [String],
        input: Data = Data(),
        limit: Duration? = nil,
        lease: (any Lease)?,
        onLine: @escaping LineHandler = { _ in }
    ) async throws -> String {
        let limit = limit ?? configuration.limit
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
                let output = try await execute(arguments, input: input, limit: limit, lease: lease, onLine: onLine)
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
        limit: Duration,
        lease: (any Lease)?,
        onLine: @escaping LineHandler
    ) async throws -> String {
        let kubeconfig = arguments.first == "version" ? nil : try await configuration.freshKubeconfig?() ?? configuration.kubeconfig
        if let lease { try lease.confirm() }
        let isGuarded = lease == nil || !FaultSwitch.watchdog.isOff
        var words = [configuration.helm] + arguments
        if isGuarded {
            let (term, kill) =
                lease == nil ? (limit, limit + configuration.times.kill) : (configuration.times.term, configuration.times.kill)
            words = [configuration.guardProgram, term.milliseconds, kill.milliseconds, "--"] + words
        }
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: configuration.times.kill)]
        let isLate = Mark()
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
                    let writer = execution.standardInputWriter
                    group.addTask {
                        // What has ended takes no more; its exit status tells the rest.
                        do {
                            try await Self.feed(writer, input, isGuarded ? lease?.renewals() ?? Self.always : nil)
                        } catch is SubprocessError {}
                        return nil
                    }
                    // TERM is the guard's order to stop: it kills what does not obey. One that is stopped itself is killed, and its Helm with it.
                    group.addTask { [kill = configuration.times.kill] in
                        for (wait, signal) in [(limit, Signal.terminate), (kill, .kill)] {
                            do { try await Task.sleep(for: wait) } catch { return nil }
                            isLate.set()
                            try? execution.send(signal: signal)
                        }
                        return nil
                    }
                    let stop: @Sendable () -> Void = { try? execution.send(signal: .terminate) }
                    group.addTask {
                        try await Self.collect(execution.standardOutput, limit: Self.keepLimit, onLine: onLine, onFlood: stop)
                    }
                    async let problem = Self.collect(execution.standardError, limit: 64 << 10, onLine: onLine, onFlood: stop)
                    var output = ""
                    while let text = try await group.next() {
                        if let text {
                            output = text
                            break
                        }
                    }
                    let problemText = try await problem
                    group.cancelAll()
                    return (output, problemText)
                }
            }
            guard result.terminationStatus.isSuccess else {
                let status: Int32 = if case .exited(let code) = result.terminationStatus { Int32(code) } else { 128 + SIGKILL }
                let words =
                    isLate.isSet ? "Helm did not end within \(limit.text) and was stopped." : Self.lastLogLines(result.closureResult.1)
                throw ClusterError(code: .helm(status), message: words)
            }
            return result.closureResult.0
        } catch let error as SubprocessError {
            throw ClusterError(code: .notStarted, message: "\(words[0]) could not be run: \(error)")
        }
    }

    /// What a guard is fed for a command that no lease stands behind: it is told the time once, and the feed stays open.
    private static var always: AsyncStream<UInt64> { AsyncStream { $0.yield(.max) } }

    /// Writes Helm's input, and to a guard the renewals around it, whose end it takes for the order to stop.
    private static func feed(_ writer: StandardInputWriter, _ input: Data, _ renewals: AsyncStream<UInt64>?) async throws {
        guard let renewals else {
            if !input.isEmpty { _ = try await writer.write(Array(input)) }
            return try await writer.finish()
        }
        var begun = false
        for await time in renewals {
            if begun {
                _ = try await writer.write("\(time)\n")
            } else {
                _ = try await writer.write("\(input.count) \(time)\n")
                if !input.isEmpty { _ = try await writer.write(Array(input)) }
                begun = true
            }
        }
        try await writer.finish()
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

    /// How much Helm may print before it is stopped, how much of that is kept, and how much of a line is told, in bytes.
    private static let (printLimit, keepLimit, lineLimit) = (32 << 20, 8 << 20, 8 << 10)

    /// What was printed, the first `limit` bytes of it; each line is told as it comes. When there is no end of it, calls `onFlood`, once, reads on
    /// until the end, and throws `.tooLarge`.
    private static func collect(
        _ stream: SubprocessOutputSequence,
        limit: Int,
        onLine: LineHandler,
        onFlood: @Sendable () -> Void
    ) async throws -> String {
        var bytes: [UInt8] = []
        var printed = 0
        var splitter = LineSplitter(limit: lineLimit)
        for try await chunk in stream {
            let isFlood = printed > printLimit
            printed += chunk.count
            if isFlood { continue }
            if printed > printLimit { onFlood() }
            let lines = chunk.withUnsafeBytes { piece in
                bytes += piece.prefix(limit - bytes.count)
                return splitter.take(piece)
            }
            for line in lines { await onLine(String(decoding: line, as: UTF8.self)) }
        }
        guard printed <= printLimit else {
            throw ClusterError(code: .tooLarge, message: "Helm printed more than \(printLimit >> 20) MiB and was stopped.")
        }
        if let line = splitter.unfinished { await onLine(String(decoding: line, as: UTF8.self)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Helm's error in one line, without its warnings.
    private static func lastLogLines(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("WARNING") && !$0.hasPrefix("level=") }
        return lines.isEmpty ? "Helm failed without output." : lines.joined(separator: " ").plain(atMost: 2_000)
    }
}

/// Something that happened, once.
private final class Mark: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

extension Duration {
    /// As Helm reads it.
    fileprivate var text: String { "\(components.seconds)s" }
    fileprivate var milliseconds: String { String(components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000) }
}

/// A release as Helm recorded it.
package struct InstalledRelease: Sendable, Equatable {
    /// The chart's; `nil` for one that is none of ours.
    package let version: ChartVersion?
    /// All of them, the chart's own included.
    package let values: JSON
}
