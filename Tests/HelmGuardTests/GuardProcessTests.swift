import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The clock by which the guard is fed.
private enum BootTime {
    static var now: UInt64 {
        var time = timespec()
        #if os(Linux)
        clock_gettime(CLOCK_BOOTTIME, &time)
        #else
        clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The real helm-guard with shell scripts in Helm's place.
@Suite(.timeLimit(.minutes(1))) struct GuardProcessTests {
    private static var program: String {
        get throws {
            let path =
                Bundle.allBundles.map(\.bundleURL).compactMap { bundle -> String? in
                    let candidate = bundle.deletingLastPathComponent().appendingPathComponent("helm-guard").path
                    return FileManager.default.isExecutableFile(atPath: candidate) ? candidate : nil
                }.first ?? packageRoot + "/.build/debug/helm-guard"
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw TestSupportError(message: "helm-guard is not built at \(path)")
            }
            return path
        }
    }

    private struct Ended: Sendable {
        var status: TerminationStatus
        var output: String
    }

    /// Feeds `input` and, unless `holdsOpen`, ends it once the script has said its first word.
    private func guarded(
        _ script: String,
        term: Int = 60_000,
        kill: Int = 61_000,
        input: String = "0 \(UInt64.max / 4)\n",
        holdsOpen: Bool = true
    ) async throws -> Ended {
        let result = try await run(
            .path(FilePath(try Self.program)),
            arguments: [String(term), String(kill), "--", "/bin/bash", "-c", script],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            _ = try await execution.standardInputWriter.write(input)
            var output = ""
            for try await line in execution.standardOutput.strings() {
                if output.isEmpty, !holdsOpen { try await execution.standardInputWriter.finish() }
                output += line
            }
            return output
        }
        return Ended(status: result.terminationStatus, output: result.closureResult)
    }

    @Test("the payload is the command's standard input, and its output and status are passed on") func passedOn() async throws {
        let ended = try await guarded("cat; exit 3", input: "6 \(UInt64.max / 4)\nvalues")
        #expect(ended.output.contains("values"))
        #expect(ended.status == .exited(3))
    }

    @Test("when the worker dies, the command gets TERM and may end in order") func workerDies() async throws {
        let ended = try await guarded("trap 'echo cancelled; exit 1' TERM; echo up; while :; do sleep 0.05; done", holdsOpen: false)
        #expect(ended.output.contains("cancelled"))
        #expect(ended.status == .exited(1))
    }

    @Test("one that ignores TERM gets KILL, and so do its children") func stubborn() async throws {
        let ended = try await guarded("trap '' TERM; (trap '' TERM; sleep 600) & echo $!; wait", term: 100, kill: 300, holdsOpen: false)
        #expect(ended.status == .exited(137))
        let child = try #require(pid_t(ended.output.filter(\.isNumber)))
        // Its output is at its end, so nobody holds the pipe any more; the process is gone or a zombie of init's.
        #expect(kill(child, 0) != 0 || Self.isZombie(child))
    }

    @Test("when renewals stop coming, the command gets TERM and then KILL, though the worker's pipe stays open") func starved() async throws
    {
        let ended = try await guarded(
            "trap 'echo told' TERM; echo up; while :; do sleep 0.05; done",
            term: 200,
            kill: 600,
            input: "0 \(BootTime.now)\n"
        )
        #expect(ended.output.contains("told"))
        #expect(ended.status == .exited(137))
    }

    @Test("what the command leaves behind in its group ends with it") func leftBehind() async throws {
        let ended = try await guarded("sleep 600 >/dev/null 2>&1 & echo $!")
        #expect(ended.status == .exited(0))
        let child = try #require(pid_t(ended.output.filter(\.isNumber)))
        while kill(child, 0) == 0, !Self.isZombie(child) { await Task.yield() }
    }

    @Test("a command that is not there, and arguments that make no sense, are told by the status") func unusable() async throws {
        let missing = try await run(
            .path(FilePath(try Self.program)),
            arguments: ["60000", "61000", "--", "/nowhere/helm"],
            input: .string("0 \(UInt64.max / 4)\n", using: UTF8.self),
            output: .discarded,
            error: .discarded
        )
        #expect(missing.terminationStatus == .exited(127))
        for arguments in [[], ["1", "2", "--"], ["9", "2", "--", "true"], ["x", "2", "--", "true"], ["1", "2", "true", "true"]] {
            let refused = try await run(
                .path(FilePath(try Self.program)),
                arguments: Arguments(arguments),
                input: .none,
                output: .discarded,
                error: .string(limit: 4_096)
            )
            #expect(refused.terminationStatus == .exited(64))
            #expect(refused.standardError.hasPrefix("usage:"))
        }
    }

    @Test("a command whose time is over before it began is not started") func late() async throws {
        let ended = try await guarded("echo up; sleep 600", term: 10, kill: 20, input: "0 1\n")
        #expect(ended.status == .exited(143))
        #expect(ended.output.isEmpty)
    }

    @Test("the command dies with its guard, even when that is killed") func guardKilled() async throws {
        let result = try await run(
            .path(FilePath(try Self.program)),
            arguments: ["60000", "61000", "--", "/bin/bash", "-c", "echo $$; exec sleep 600"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            _ = try await execution.standardInputWriter.write("0 \(UInt64.max / 4)\n")
            var output = ""
            for try await line in execution.standardOutput.strings() {
                output += line
                kill(execution.processIdentifier.value, SIGKILL)
            }
            // The end of the output means that the command, too, has closed it: it is gone.
            return output
        }
        #expect(!result.closureResult.isEmpty)
        #expect(result.terminationStatus == .signaled(SIGKILL))
    }

    private static func isZombie(_ process: pid_t) -> Bool {
        ((try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z").contains(") Z")
    }
}
