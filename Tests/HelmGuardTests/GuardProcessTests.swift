import CHelmGuard
import Foundation
import Subprocess
import SystemPackage
import Testing

/// What becomes of a command under the guard.
@Suite(.timeLimit(.minutes(20))) struct GuardProcessTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test("the payload is the command's standard input; its output, errors and status are passed on") func passedOn() async throws {
        let ended = try await GuardedScript(script: "cat; echo problem >&2; exit 3", payload: "values\n").run()
        #expect(ended.output.contains("values"))
        #expect(ended.errors.contains("problem"))
        #expect(ended.status == .exited(3))
    }

    @Test("a payload and an output of many megabytes pass whole") func huge() async throws {
        let payload = String(repeating: "x", count: 8 << 20)
        let ended = try await GuardedScript(script: "cat", payload: payload).run()
        #expect(ended.output.filter { $0 == "x" }.count == payload.count)
        #expect(ended.status == .exited(0))
    }

    @Test("the command begins with no signal blocked or ignored") func signals() async throws {
        let ended = try await GuardedScript(script: "exec grep -E 'Sig(Blk|Ign)' /proc/self/status").run()
        let masks = ended.output.split(whereSeparator: \.isWhitespace).filter { !$0.hasPrefix("Sig") }
        #expect(masks.count == 2)
        // Signals 32 and 33 are the C library's own; nobody can set them through it.
        #expect(masks.allSatisfy { UInt64($0, radix: 16).map { $0 & ~0x1_8000_0000 } == 0 }, "\(masks)")
    }

    @Test("when the worker dies, the command gets TERM and may end in order") func workerDies() async throws {
        let ended = try await GuardedScript(script: "trap 'echo cancelled; exit 1' TERM; echo up; while :; do sleep 0.05; done").run {
            if $0.line.contains("up") { try await $0.endFeed() }
        }
        #expect(ended.output.contains("cancelled"))
        #expect(ended.status == .exited(1))
    }

    @Test("the guard hands TERM on as the order to stop, and kills what does not obey") func told() async throws {
        let script = "trap 'echo cancelled' TERM; echo up; while :; do sleep 0.05; done"
        let ended = try await GuardedScript(script: script, term: 60_000, kill: 60_200).run {
            if $0.line.contains("up") { kill($0.guardProcess, SIGTERM) }
        }
        #expect(ended.output.contains("cancelled"))
        #expect(ended.status == .exited(137))
    }

    @Test("silence is TERM, then KILL, neither before its time since the last renewal was sent") func silence() async throws {
        // /proc/uptime is the same clock, in hundredths.
        let script = "trap 'cut -d\" \" -f1 /proc/uptime' TERM; echo up; while :; do sleep 0.05; done"
        let fedAt = helm_guard_now()
        let ended = try await GuardedScript(script: script, term: 6_000, kill: 7_000, fedAt: fedAt).run()
        let lines = ended.output.split(whereSeparator: \.isWhitespace)
        #expect(lines.first == "up")
        let told = try #require(lines.count == 2 ? Double(lines[1]) : nil, "TERM comes once: \(lines)")
        #expect(told + 0.01 >= Double(fedAt + 6_000 * Self.millisecond) / 1e9)
        #expect(helm_guard_now() >= fedAt + 7_000 * Self.millisecond)
        #expect(ended.status == .exited(137))
    }

    @Test("a time ahead of the guard's clock counts as now") func ahead() async throws {
        let ended = try await GuardedScript(script: "exec sleep 600", term: 50, kill: 100, fedAt: .max).run()
        #expect(ended.status == .exited(143))
    }

    @Test("children that ignore TERM and outlive their parents are gone before the guard is") func orphans() async throws {
        let script = "(trap '' TERM HUP; (trap '' TERM HUP; exec sleep 600) & echo $!; wait) & echo $!; trap '' TERM; echo up; wait"
        let ended = try await GuardedScript(script: script, kill: 60_100).run {
            if $0.line.contains("up") { try await $0.endFeed() }
        }
        #expect(ended.status == .exited(137))
        try expectGone(ended.output)
    }

    @Test("what a command leaves running ends with it") func leftovers() async throws {
        let ended = try await GuardedScript(script: "(trap '' TERM; exec sleep 600 >&- 2>&-) & echo $!; exit 0").run()
        #expect(ended.status == .exited(0))
        try expectGone(ended.output)
    }

    @Test("what moves out of the group, the session and its parents' sight ends with the command, too") func escaped() async throws {
        let script = """
            setsid bash -c 'trap "" TERM HUP; echo $$; (setsid bash -c "trap \\"\\" TERM; echo \\$\\$; exec sleep 600" &) ; exec sleep 600' >&1 & sleep 0.5; exit 4
            """
        let ended = try await GuardedScript(script: script).run()
        #expect(ended.status == .exited(4))
        #expect(ended.output.split(whereSeparator: \.isWhitespace).count == 2, "\(ended.output)")
        try expectGone(ended.output)
    }

    @Test("a command that stops itself is killed when its time is over") func stopsItself() async throws {
        let ended = try await GuardedScript(script: "echo $$; kill -STOP $$; sleep 600", term: 8_000, kill: 8_500).run()
        #expect(ended.status == .exited(137))
        try expectGone(ended.output)
    }

    /// All process ids of the output, without so much as a zombie left.
    private func expectGone(_ output: String) throws {
        let processes = output.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        try #require(!processes.isEmpty)
        for process in processes {
            let answer = kill(process, 0)
            #expect(answer == -1 && errno == ESRCH)
        }
    }

    @Test("the command dies with its guard, even when that is killed") func guardKilled() async throws {
        let ended = try await GuardedScript(script: "echo $$; exec sleep 600").run { kill($0.guardProcess, SIGKILL) }
        let command = try #require(pid_t(ended.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        // The kernel has sent the signal by now; who inherited the process may leave its zombie for a while.
        func isRunning() -> Bool {
            guard let status = try? String(contentsOfFile: "/proc/\(command)/stat", encoding: .utf8) else { return false }
            return !status.contains(") Z")
        }
        for _ in 0..<200 where isRunning() { try await Task.sleep(for: .milliseconds(50)) }
        let survived = isRunning()
        #expect(!survived)
        if survived { kill(command, SIGKILL) }
        #expect(ended.status == .signaled(SIGKILL))
    }

    @Test("a guard that was stopped past its time kills as soon as it goes on") func frozen() async throws {
        let fedAt = helm_guard_now()
        let ended = try await GuardedScript(script: "trap '' TERM; echo $$; exec sleep 600", term: 3_000, kill: 3_000, fedAt: fedAt).run {
            running in
            kill(running.guardProcess, SIGSTOP)
            while helm_guard_now() < fedAt + 3_100 * Self.millisecond { try await Task.sleep(for: .milliseconds(50)) }
            let command = try #require(pid_t(running.line.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(kill(command, 0) == 0)
            kill(running.guardProcess, SIGCONT)
        }
        #expect(ended.status == .exited(137))
    }

    @Test("the guard sleeps as long as nothing happens") func sleeps() async throws {
        _ = try await GuardedScript(script: "echo up; exec sleep 600").run { running in
            let status = "/proc/\(running.guardProcess)/status"
            func wakeUps() throws -> Substring {
                let text = try String(contentsOfFile: status, encoding: .utf8)
                return try #require(text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") })
            }
            // It may be on its way to sleep at first.
            var slept = false
            for _ in 0..<20 where !slept {
                let before = try wakeUps()
                try await Task.sleep(for: .milliseconds(300))
                slept = try wakeUps() == before
            }
            #expect(slept)
            kill(running.guardProcess, SIGKILL)
        }
    }
}

/// What keeps a command from starting at all.
@Suite(.timeLimit(.minutes(20))) struct GuardRefusalTests {
    @Test("a command whose time is over before it began is not started") func late() async throws {
        let ended = try await GuardedScript(script: "echo up", term: 10, kill: 20, fedAt: 1).run()
        #expect(ended.status == .exited(143))
        #expect(ended.output.isEmpty)
        #expect(ended.errors.contains("is not started"))
    }

    @Test(
        "a feed that is not of the form is refused",
        arguments: ["values\n", "7\n", "-1 5\n", "99999999999 5\n", "5 x\n", " 5 5\n", String(repeating: "1", count: 100)]
    )
    func malformed(feed: String) async throws {
        let ended = try await GuardedScript(script: "echo up", feed: feed).run()
        #expect(ended.status == .exited(65))
        #expect(ended.output.isEmpty)
        #expect(ended.errors.hasPrefix("helm-guard: "))
    }

    @Test("a command that is not there is named") func missing() async throws {
        let result = try await run(
            .path(FilePath(try GuardedScript.program)),
            arguments: ["1000", "2000", "--", "/nowhere/helm"],
            input: .string("0 \(UInt64.max)\n"),
            output: .discarded,
            error: .string(limit: 1_000)
        )
        #expect(result.terminationStatus == .exited(127))
        #expect(result.standardError.contains("/nowhere/helm: No such file"))
    }

    @Test("a worker that dies before its payload is whole starts nothing") func cut() async throws {
        let result = try await run(
            .path(FilePath(try GuardedScript.program)),
            arguments: ["1000", "2000", "--", "/bin/echo", "up"],
            input: .string("9 \(UInt64.max)\nvalues"),
            output: .string(limit: 1_000),
            error: .string(limit: 1_000)
        )
        #expect(result.terminationStatus == .exited(65))
        #expect(result.standardOutput.isEmpty)
    }

    @Test("wrong arguments end with the usage") func usage() async throws {
        let result = try await run(
            .path(FilePath(try GuardedScript.program)),
            arguments: ["2000", "1000", "--", "/bin/echo"],
            output: .discarded,
            error: .string(limit: 1_000)
        )
        #expect(result.terminationStatus == .exited(64))
        #expect(result.standardError.contains("usage: helm-guard"))
    }
}
