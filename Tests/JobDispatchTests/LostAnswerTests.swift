import JobDispatch
import JobQueue
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct LostAnswerTests {
    @Test("a claim whose answer is lost costs neither an attempt nor a lease", .timeLimit(.minutes(20))) func claim() async throws {
        try await Platform.run { platform async throws in
            let row = try #require(
                try await platform.pool.query(
                    "SELECT current_database()::text AS name, current_setting('unix_socket_directories') AS folder"
                ).first
            )
            let relay = try LossyRelay(to: row["folder"])
            defer { relay.stop() }
            let pool = PostgresPool(configuration: try await TestDatabases.configuration(of: row["name"], host: relay.folder))
            let relayed = Platform(
                records: StoreRecords(pool: pool),
                queue: platform.queue,
                redis: platform.redis,
                pool: pool,
                database: platform.database
            )
            let handler = ScriptedHandler()
            // Nothing but claims and ends goes through the relay while no attempt runs.
            try await relayed.withWorker(handler: handler, times: LeaseTimes(), sweeps: false) { _ async throws in
                let (first, _) = try await platform.accepted("First")
                try #require(await handler.next()).finish(.ready(url: "http://first", engineVersion: nil))
                _ = try await platform.store(first.id) { $0?.status == .ready }
                let (store, descriptor) = try await platform.accepted("Second", enqueue: false)
                relay.loseNextAnswer()
                try await platform.queue.enqueue([descriptor])
                let running = try #require(await handler.next())
                #expect(relay.hasLostIt)
                running.finish(.ready(url: "http://second", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
                let attempts = try await platform.records.attempts(of: store.id, visibleTo: nil) ?? []
                #expect(attempts.map(\.outcome) == [.succeeded])
            }
            await pool.close()
        }
    }
}
