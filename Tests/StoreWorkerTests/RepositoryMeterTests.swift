import Foundation
import Hummingbird
import Logging
import Postgres
import Sealing
import StoreDomain
import StoreRecords
import StoreWorker
import Synchronization
import TestSupport
import Testing

/// How large repositories are, with a vault that says what the test tells it to.
@Suite(.timeLimit(.minutes(20))) struct RepositoryMeterTests {
    @Test("each repository is asked for after it changed, and one that cannot be measured keeps none of the others") func measure()
        async throws
    {
        let ring = try KeyRing("a:" + Data(repeating: 7, count: 32).base64EncodedString(), setting: "VAULT_KEYS")
        try await withPool { pool in
            let stores = ["a00000000001", "a00000000002"]
            for id in stores {
                try await pool.query(
                    """
                    INSERT INTO stores (id, name, engine, namespace, status, deleted_at, kept_until)
                    VALUES (\(id), 'Acme', 'woocommerce', \("store-" + id), 'deleting', now(), now() + interval '1 day')
                    """
                )
                try await pool.query("INSERT INTO backup_keys (store_id, key_id, sealed) VALUES (\(id), 'a', 'x')")
            }
            @Sendable func sizes() async throws -> [Int64] {
                try await pool.query("SELECT repository_bytes FROM stores ORDER BY id").map { try $0["repository_bytes"] }
            }
            let asked = Mutex<[String]>([])
            let broken = Mutex(true)
            let router = Router()
            router.get("/:store/") { request, context -> Response in
                let store = try context.parameters.require("store")
                #expect(request.uri.query == "size")
                asked.withLock { $0.append(store) }
                if store == stores[0], broken.withLock({ $0 }) { return Response(status: .internalServerError) }
                return Response(status: .ok, body: .init(byteBuffer: .init(string: #"{"bytes":4096}"#)))
            }
            try await serving(router) { address in
                let meter = RepositoryMeter(
                    records: StoreRecords(pool: pool),
                    vault: VaultClient(address: try #require(VaultAddress(address)), keys: ring),
                    worker: "w",
                    logger: Logger(label: "meter") { _ in SwiftLogNoOpLogHandler() }
                )
                await #expect(throws: VaultClient.Failure.self) { try await meter.measure() }
                #expect(try await sizes() == [0, 4_096])
                broken.withLock { $0 = false }
                try await meter.measure()
                #expect(try await sizes() == [4_096, 4_096])
                try await meter.measure()
                #expect(asked.withLock { $0 } == [stores[0], stores[1], stores[0]], "what was measured is left alone")
            }
        }
    }
}
