import Foundation
import StoreDomain
import Synchronization
import TestSupport
import Testing

@testable import Cluster

/// A Helm that does what no Helm should: each command ends, with what was the case, and leaves nothing running.
@Suite(.timeLimit(.minutes(20))) struct HostileHelmTests {
    private struct SureLease: Lease {
        let fence = Fence(number: 1, attemptID: "a")
        func renewals() -> AsyncStream<UInt64> {
            AsyncStream {
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return nil }
                return .max
            }
        }
        func confirm() throws(LeaseLost) {}
    }

    /// Runs an installation by a shell script in Helm's place; the process ids that it writes into `$HOME/pids` are gone afterwards.
    private func install(_ script: String, limit: Duration = .seconds(60), onLine: @escaping HelmClient.LineHandler = { _ in }) async throws
    {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("helm-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let program = home + "/helm"
        try "#!/bin/bash\n\(script)\n".write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        var configuration = HelmClient.Configuration(
            helm: program,
            guardProgram: try builtProgram("helm-guard"),
            kubeconfig: nil,
            times: LeaseTimes(),
            home: home
        )
        configuration.limit = limit
        let result: Result<Void, any Error>
        do {
            try await HelmClient(configuration: configuration).upgradeInstall(
                release: "r",
                namespace: "n",
                chart: "c",
                values: [:],
                labels: [:],
                lease: SureLease(),
                onLine: onLine
            )
            result = .success(())
        } catch { result = .failure(error) }
        for pid in (try? String(contentsOfFile: home + "/pids", encoding: .utf8))?.split(separator: "\n").compactMap({ pid_t($0) }) ?? [] {
            #expect(kill(pid, 0) == -1, "process \(pid) goes on")
        }
        try result.get()
    }

    @Test(
        "one that hangs, ignores TERM, stops itself or leaves its group is stopped when its time is over, and the reason is that",
        arguments: [
            "exec sleep 600", "trap '' TERM HUP INT; while :; do sleep 1; done", "kill -STOP $$; sleep 600",
            "setsid bash -c 'trap \"\" TERM; echo $$ >> $HOME/pids; exec sleep 600' & trap '' TERM; wait",
        ]
    )
    func hangs(script: String) async throws {
        await #expect { try await install("echo $$ >> $HOME/pids\n" + script, limit: .seconds(1)) } throws: {
            "\($0)".contains("did not end within 1s") && ($0 as? ClusterError)?.isTransient == true
        }
    }

    @Test("what a Helm that ends leaves behind in another session ends, too, and holds nobody up") func leavesBehind() async throws {
        try await install("setsid bash -c 'echo $$ >> $HOME/pids; exec sleep 600' & while [ ! -s $HOME/pids ]; do sleep 0.05; done")
    }

    @Test("one that prints without an end and without a line's end is stopped, and what it prints is told to a bound") func floods()
        async throws
    {
        let longest = Mutex(0)
        await #expect {
            try await install("exec tr '\\0' x < /dev/zero") { line in longest.withLock { $0 = max($0, line.utf8.count) } }
        } throws: { ($0 as? ClusterError)?.code == .tooLarge }
        #expect(longest.withLock { $0 } <= 8 << 10)
    }

    @Test("its errors come as plain text of bounded size") func complains() async throws {
        await #expect { try await install("printf 'Error: \\033[31mno\\033[0m \\0 quota\\n%01000000d' 7 >&2; exit 1") } throws: {
            guard let error = $0 as? ClusterError, error.code == .helm(1) else { return false }
            return error.message.hasPrefix("Error: no ") && error.message.utf8.count <= 2_010 && !error.message.utf8.contains(0)
        }
    }
}
