import Logging
import Testing
import TestSupport

@testable import Postgres

@Suite struct ListenerTests {
    @Test(
        "a listener hears, says when it may have missed something, and hears again after its connection was cut",
        .timeLimit(.minutes(20))
    )
    func listening() async throws {
        try await TestDatabases.withDatabase { configuration async throws in
            let pool = PostgresPool(configuration: configuration)
            let listener = PostgresListener(configuration: configuration, channels: ["news"], logger: Logger(label: "tests"))
            let (events, sink) = AsyncStream.makeStream(of: PostgresListener.Event.self)
            let listening = Task { await listener.run { sink.yield($0) } }
            var heard = events.makeAsyncIterator()
            #expect(await heard.next() == .resynchronise)
            try await pool.query("SELECT pg_notify('news', 'one')")
            #expect(await heard.next() == .notification(PostgresNotification(channel: "news", payload: "one")))
            try await pool.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
            #expect(await heard.next() == .resynchronise)
            try await pool.query("SELECT pg_notify('news', 'two')")
            #expect(await heard.next() == .notification(PostgresNotification(channel: "news", payload: "two")))
            listening.cancel()
            await listening.value
            await pool.close()
        }
    }
}
