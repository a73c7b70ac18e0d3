import CoreMetrics
import Foundation
import Hummingbird
import JobDispatch
import Logging
import Observability
import Postgres
import Provisioning
import Sealing
import StoreDomain
import StoreRecords
import StoreWorker
import Synchronization
import TestSupport
import Testing

/// What was kept of deleted stores, with a vault that says what the test tells it to.
@Suite(.timeLimit(.minutes(20))) struct BackupPurgerTests {
    private let ring: KeyRing
    private let logger = Logger(label: "purge") { _ in SwiftLogNoOpLogHandler() }

    init() throws { ring = try KeyRing("a:" + Data(repeating: 7, count: 32).base64EncodedString(), setting: "VAULT_KEYS") }

    /// Stores of which something is kept until then, in seconds from now.
    private func deleted(_ pool: PostgresPool, until seconds: [Double]) async throws -> [StoreID] {
        var stores: [StoreID] = []
        for second in seconds {
            let id = StoreID.random()
            try await pool.query(
                """
                INSERT INTO stores (id, name, engine, namespace, status, first_ready_at, deleted_at, kept_until)
                VALUES (\(id.rawValue), 'Acme', 'woocommerce', \("store-" + id.rawValue), 'deleting', now(), now(),
                        now() + \(second) * interval '1 second')
                """
            )
            try await pool.query("INSERT INTO backup_keys (store_id, key_id, sealed) VALUES (\(id.rawValue), 'a', 'x')")
            stores.append(id)
        }
        return stores
    }

    private func kept(_ pool: PostgresPool) async throws -> Set<String> {
        Set(try await pool.query("SELECT store_id FROM backup_keys").map { try $0["store_id"] })
    }

    @Test(
        "a repository is removed once its time is over, and only then what is known of it; one that cannot be removed keeps none of the others"
    )
    func purge() async throws {
        try await withPool { pool in
            let stores = try await deleted(pool, until: [-3, -2, -1, 3_600])
            let asked = Mutex<[String]>([])
            let answers = Mutex<[String: HTTPResponse.Status]>([stores[0].rawValue: .serviceUnavailable, stores[2].rawValue: .notFound])
            let router = Router()
            router.delete("/:store/") { request, context in
                let store = try context.parameters.require("store")
                let basic =
                    request.headers[.authorization]?.split(separator: " ").last.flatMap { Data(base64Encoded: String($0)) } ?? Data()
                let parts = String(decoding: basic, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
                let token = VaultToken(verifying: parts.last ?? "", by: ring, now: Date())
                asked.withLock {
                    $0.append("\(store) \(parts.first == store && token?.folder.name == store && token?.right == .manage)")
                }
                return Response(status: answers.withLock { $0[store] } ?? .noContent)
            }
            try await serving(router) { address in
                let purger = BackupPurger(
                    records: StoreRecords(pool: pool),
                    vault: VaultClient(address: try #require(VaultAddress(address)), keys: ring),
                    worker: "w",
                    logger: logger
                )
                let registry = PrometheusRegistry()
                let failure = try await #require(throws: VaultClient.Failure.self) {
                    try await withMetricsFactory(registry) { try await purger.purge(now: Date()) }
                }
                #expect(failure.description.contains("503"))
                let counted = await registry.text()
                #expect(counted.contains(#"storeweaver_purges_total{outcome="failed"} 1"#))
                #expect(counted.contains(#"storeweaver_purges_total{outcome="done"} 2"#))
                #expect(Set(asked.withLock { $0 }) == Set(stores[..<3].map { "\($0) true" }))
                #expect(try await kept(pool) == [stores[0].rawValue, stores[3].rawValue])
                answers.withLock { $0 = [:] }
                try await purger.purge(now: Date())
                #expect(try await kept(pool) == [stores[3].rawValue])
                // A worker whose clock is ahead removes nothing before its time.
                try await purger.purge(now: Date() + 7_200)
                #expect(
                    try await kept(pool) == [stores[3].rawValue] && !asked.withLock { $0.contains { $0.hasPrefix(stores[3].rawValue) } }
                )
            }
        }
    }

    @Test("what needs a vault is not waited for where no worker has one any more, and says what can be done") func noVault() {
        let works: [DataWork] = [.backUp(.nightly), .backUpBeforeRemoval]
        for work in works {
            guard case .again(after: _, reason: _) = ProvisioningHandler.outcome(ofLeaving: work, isKeptElsewhere: true) else {
                Issue.record("it does not wait for another worker")
                continue
            }
            guard case .failed(message: let message, permanent: true) = ProvisioningHandler.outcome(ofLeaving: work, isKeptElsewhere: false)
            else {
                Issue.record("it waits")
                continue
            }
            #expect(message.contains("No worker keeps backups"))
            #expect(message.contains("delete the store for good") == (work == .backUpBeforeRemoval))
        }
    }

    @Test("while the vault is away nothing is forgotten, and a pass ends at the first store") func away() async throws {
        try await withPool { pool in
            let stores = try await deleted(pool, until: [-1, -1, -1])
            let address = try #require(VaultAddress("http://127.0.0.1:\(try freePort())"))
            let purger = BackupPurger(
                records: StoreRecords(pool: pool),
                vault: VaultClient(address: address, keys: ring, seconds: 2),
                worker: "w",
                logger: logger
            )
            let registry = PrometheusRegistry()
            await #expect(throws: VaultClient.Failure.self) {
                try await withMetricsFactory(registry) { try await purger.purge(now: Date()) }
            }
            #expect(try await kept(pool) == Set(stores.map(\.rawValue)))
            #expect(await registry.text().contains(#"storeweaver_purges_total{outcome="failed"} 1"#))
            try await purger.purge(now: Date(), within: .zero)
        }
    }
}
