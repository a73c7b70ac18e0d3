import Foundation
import Testing
import TestSupport
import ThreadedIO

@testable import Redis

/// A server that is there and does not read.
@Suite struct StalledServerTests {
    /// More than any socket's buffer holds.
    private static let pipeline = (0..<64).map { ["SET", "key\($0)", String(repeating: "x", count: 1 << 18)] }

    @Test("a pipeline that is half written ends at its deadline and when it is cancelled, and its connection with it") func halfWritten()
        async throws
    {
        let server = try await PrivateServer.start(.redis)
        let pid = try #require(
            Int32(try String(contentsOfFile: server.folder + "/pid", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
        )
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "redis+unix://\(server.folder)/redis.sock", clientName: "tests", poolSize: 1)
        )
        for _ in 0..<3 {
            try await client.command(["PING"])
            kill(pid, SIGSTOP)
            await #expect { try await client.pipeline(Self.pipeline, deadline: .milliseconds(50)) } throws: {
                ($0 as? RedisError)?.code == .timedOut
            }
            kill(pid, SIGCONT)
            try await client.command(["PING"])
            kill(pid, SIGSTOP)
            let cancelled = Task { try await client.pipeline(Self.pipeline, deadline: .seconds(60)) }
            while await client.gauges.lent == 0 { await Task.yield() }
            cancelled.cancel()
            await #expect { try await cancelled.value } throws: { ($0 as? RedisError)?.code == .cancelled }
            kill(pid, SIGCONT)
            #expect(try await client.pipeline(Self.pipeline).allSatisfy { $0 == .string("OK") })
        }
        await client.close()
        try await server.stop()
    }
}

@Suite struct RedisCommandTests {
    @Test("commands are arrays of bulk strings, whose lengths count bytes") func encoding() {
        let bytes = RedisCommand.encode([["PING"], ["SET", "ü", ""]])
        #expect(String(decoding: bytes, as: UTF8.self) == "*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$2\r\nü\r\n$0\r\n\r\n")
    }
}
