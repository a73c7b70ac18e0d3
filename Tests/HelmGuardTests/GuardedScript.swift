import CHelmGuard
import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// The real helm-guard with a bash script in Helm's place.
struct GuardedScript: Sendable {
    var script: String
    /// Milliseconds.
    var term = 60_000
    var kill = 61_000
    var payload = ""
    /// Nanoseconds of the clock that counts suspension; `nil`: now.
    var fedAt: UInt64?
    /// In place of what the worker would write first.
    var feed: String?

    struct Ended: Sendable {
        var status: TerminationStatus
        var output: String
        var errors: String
    }

    /// What a test can do to it while it runs.
    struct Running: Sendable {
        var guardProcess: pid_t
        /// The line of output at hand.
        var line: String
        /// As a worker that dies does.
        var endFeed: @Sendable () async throws -> Void
    }

    /// Runs to the end, with `act` called for each line of output as it comes. The feed stays open unless `act` ends it.
    func run(_ act: @Sendable @escaping (Running) async throws -> Void = { _ in }) async throws -> Ended {
        let first = feed ?? "\(payload.utf8.count) \(fedAt ?? helm_guard_now())\n\(payload)"
        let result = try await Subprocess.run(
            .path(FilePath(try Self.program)),
            arguments: [String(term), String(kill), "--", "/bin/bash", "-c", script],
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            async let errors = execution.standardError.strings().reduce(into: "") { $0 += $1 + "\n" }
            let writer = execution.standardInputWriter
            let process = execution.processIdentifier.value
            if !first.isEmpty { _ = try await writer.write(first) }
            var output = ""
            for try await line in execution.standardOutput.strings(bufferingPolicy: .maxLineLength(1 << 26)) {
                output += line + "\n"
                try await act(Running(guardProcess: process, line: line) { try await writer.finish() })
            }
            return (output, try await errors)
        }
        return Ended(status: result.terminationStatus, output: result.closureResult.0, errors: result.closureResult.1)
    }

    static var program: String { get throws { try builtProgram("helm-guard") } }
}
