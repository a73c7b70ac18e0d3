import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct SilenceTests {
    private let begin = ContinuousClock.now
    private let late = PostgresError(code: .timedOut, message: "late")

    @Test("once a statement had no answer all fail at once, but for one in each pause, until there is an answer") func silence() throws {
        let watch = SilenceWatch(pause: .seconds(1))
        try watch.enter(at: begin)
        watch.left(begun: begin, with: late, at: begin + .seconds(3))
        #expect(throws: PostgresError.self) { try watch.enter(at: begin + .seconds(3.5)) }
        try watch.enter(at: begin + .seconds(4))
        #expect(throws: PostgresError.self) { try watch.enter(at: begin + .seconds(4.5)) }
        watch.left(begun: begin + .seconds(4), with: nil, at: begin + .seconds(4.6))
        try watch.enter(at: begin + .seconds(4.7))
    }

    @Test("one statement that is slow by itself stops nobody, and a refusal is an answer") func slow() throws {
        let watch = SilenceWatch(pause: .seconds(1))
        watch.left(begun: begin, with: PostgresError(code: .server(sqlState: "22012"), message: "no"), at: begin + .seconds(1))
        watch.left(begun: begin, with: late, at: begin + .seconds(3))
        try watch.enter(at: begin + .seconds(3.1))
        watch.left(begun: begin, with: PostgresError(code: .connection, message: "refused"), at: begin + .seconds(4))
        try watch.enter(at: begin + .seconds(4.1))
    }

    @Test("statements of one request have the time of one altogether, and what they lack of it is not the server's silence")
    func oneRequest() async throws {
        try await TestDatabases.withDatabase { configuration in
            let pool = PostgresPool(configuration: configuration, patience: .seconds(4))
            func wait() async throws { _ = try await pool.query("SELECT pg_sleep(2.5)") }
            try await pool.asOneRequest {
                try await wait()
                await #expect { try await wait() } throws: { ($0 as? PostgresError)?.code == .timedOut }
                await #expect { try await pool.query("SELECT 1") } throws: { "\($0)".contains("together") }
                await #expect { try await pool.read("SELECT 1") { _ in } } throws: { "\($0)".contains("together") }
            }
            try await wait()
            await #expect {
                try await pool.asOneRequest(since: .now - .seconds(4)) { try await pool.query("SELECT 1") }
            } throws: { "\($0)".contains("together") }
            await pool.close()
        }
    }

    @Test(
        "a server that is stopped in mid-air costs one statement its patience, and is asked again when it goes on",
        .timeLimit(.minutes(20))
    )
    func stopped() async throws {
        let server = try await PrivateServer.start(.postgres)
        let configuration = try PostgresConfiguration(
            url: "postgresql://storeweaver@/postgres?host=\(server.folder)",
            applicationName: "tests"
        )
        let pool = PostgresPool(configuration: configuration, patience: .seconds(3))
        let backend: Int = try #require(try await pool.query("SELECT pg_backend_pid() AS pid").first?["pid"])
        let parent = try #require(
            String(contentsOfFile: "/proc/\(backend)/stat", encoding: .utf8).split(separator: ")").last?.split(separator: " ").dropFirst()
                .first
                .flatMap { pid_t($0) }
        )
        for process in [pid_t(backend), parent] { kill(process, SIGSTOP) }
        await #expect { try await pool.query("SELECT 1") } throws: { ($0 as? PostgresError)?.code == .timedOut }
        await #expect { try await pool.query("SELECT 1") } throws: { "\($0)".contains("the server does not answer") }
        for process in [pid_t(backend), parent] { kill(process, SIGCONT) }
        var answers = 0
        while answers == 0 {
            answers = (try? await pool.query("SELECT 1").count) ?? 0
            if answers == 0 { try await Task.sleep(for: .milliseconds(100)) }
        }
        await pool.close()
        try await server.stop()
    }
}
