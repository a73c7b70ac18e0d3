import JobDispatch
import Postgres
import StoreDomain
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct RefusedSettlementTests {
    @Test("an end whose words PostgreSQL refuses is settled without them, and so is whatever ends beside it") func words() async throws {
        try await Platform.run { platform async throws in
            try await platform.pool.withConnection { connection throws(PostgresError) in
                try await connection.execute(
                    """
                    CREATE FUNCTION refuse_words() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION 'invalid byte sequence' USING ERRCODE = '22021'; END $$;
                    CREATE TRIGGER refuse BEFORE UPDATE ON jobs FOR EACH ROW WHEN (NEW.error LIKE '%poison%') EXECUTE FUNCTION refuse_words();
                    """
                )
            }
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                let (bad, _) = try await platform.accepted("Bad")
                let (good, _) = try await platform.accepted("Good")
                for _ in 0..<2 {
                    let running = try #require(await handler.next())
                    let isBad = running.attempt.store.id == bad.id
                    running.finish(.failed(message: isBad ? "poison" : "no volume", permanent: true))
                }
                let failed = try await platform.store(bad.id) { $0?.status == .failed }
                #expect(failed?.errorMessage == "What was said of it cannot be recorded.")
                #expect(try await platform.store(good.id) { $0?.status == .failed }?.errorMessage == "no volume")
            }
        }
    }
}
