import CoreMetrics
import Foundation
import Hummingbird
import Logging
import Observability
import Postgres
import Sealing
import StoreDomain
import StoreRecords
import StoreWorker
import Synchronization
import TestSupport
import Testing

/// Archives whose time is over, with a vault that says what the test tells it to.
@Suite(.timeLimit(.minutes(20))) struct ArchivePurgerTests {
    private let ring: KeyRing
    private let logger = Logger(label: "purge") { _ in SwiftLogNoOpLogHandler() }

    init() throws { ring = try KeyRing("a:" + Data(repeating: 7, count: 32).base64EncodedString(), setting: "ARCHIVE_KEYS") }

    /// Imports that are over then, in seconds from now.
    private func imports(_ pool: PostgresPool, until seconds: [Double]) async throws -> [ArchiveID] {
        var archives: [ArchiveID] = []
        for second in seconds {
            let id = ArchiveID.random()
            try await pool.query("INSERT INTO imports (id, expires_at) VALUES (\(id.rawValue), now() + \(second) * interval '1 second')")
            archives.append(id)
        }
        return archives
    }

    private func exported(_ pool: PostgresPool) async throws -> ArchiveID {
        let (store, id) = (StoreID.random(), ArchiveID.random())
        try await pool.query(
            """
            INSERT INTO stores (id, name, engine, namespace, status, first_ready_at)
            VALUES (\(store.rawValue), 'Acme', 'woocommerce', \("store-" + store.rawValue), 'ready', now())
            """
        )
        try await pool.query(
            """
            INSERT INTO exports (id, store_id, backup_id, status, finished_at, expires_at, bytes, sha256)
            VALUES (\(id.rawValue), \(store.rawValue), \(BackupID.random().rawValue), 'done', now(), now() - interval '1 second', 9, \(String(repeating: "0", count: 64)))
            """
        )
        return id
    }

    private func kept(_ pool: PostgresPool) async throws -> Set<String> {
        Set(try await pool.query("SELECT id FROM imports UNION ALL SELECT id FROM exports").map { try $0["id"] })
    }

    /// A purger, and what its vault was asked to remove.
    private func withPurger(
        answer: HTTPResponse.Status = .noContent,
        _ body: @escaping @Sendable (ArchivePurger, PostgresPool, @escaping @Sendable () -> [String]) async throws -> Void
    ) async throws {
        try await withPool { pool in
            let asked = Mutex<[String]>([])
            let router = Router()
            router.delete("/:archive/") { _, context in
                let archive = try context.parameters.require("archive")
                asked.withLock { $0.append(archive) }
                return Response(status: answer)
            }
            try await serving(router) { address in
                let vault = VaultClient(address: try #require(VaultAddress(address)), keys: ring)
                let purger = ArchivePurger(records: StoreRecords(pool: pool), vault: vault, worker: "w", logger: logger)
                try await body(purger, pool) { asked.withLock { $0 } }
            }
        }
    }

    @Test("removes what is over by PostgreSQL's clock; a worker whose clock is ahead removes nothing before its time") func over()
        async throws
    {
        try await withPurger { purger, pool, asked in
            let archives = try await imports(pool, until: [-2, -1, 3_600])
            try await purger.purge(now: Date() + 7_200)
            #expect(Set(asked()) == Set(archives[..<2].map { "archive-\($0)" }))
            #expect(try await kept(pool) == [archives[2].rawValue])
            try await StoreRecords(pool: pool).forgetArchive(archives[2])
            #expect(try await kept(pool) == [archives[2].rawValue])
        }
    }

    @Test("an export stays while it is being fetched by its link, which goes on with it; then it goes") func fetched() async throws {
        try await withPurger { purger, pool, asked in
            let (export, records) = (try await exported(pool), StoreRecords(pool: pool))
            try await pool.query(
                "INSERT INTO export_links (hash, export_id, actor, used_at, fetched) VALUES ('used', \(export.rawValue), 'ada', now(), 5)"
            )
            try await pool.query("INSERT INTO export_links (hash, export_id, actor) VALUES ('new', \(export.rawValue), 'ada')")
            try await purger.purge(now: Date())
            #expect(try await kept(pool) == [export.rawValue] && asked().isEmpty)
            guard case .open = try await records.useLink("used", looks: false, address: nil) else {
                throw TestSupportError(message: "the rest cannot be fetched")
            }
            guard case .gone = try await records.useLink("new", looks: false, address: nil) else {
                throw TestSupportError(message: "it can be begun after its time")
            }
            try await records.noteFetched("used", 5..<9)
            try await purger.purge(now: Date())
            #expect(try await kept(pool).isEmpty && asked() == ["archive-\(export)"])
        }
    }

    @Test("one that cannot be removed keeps none of the others") func refused() async throws {
        try await withPurger(answer: .serviceUnavailable) { purger, pool, asked in
            let archives = try await imports(pool, until: [-2, -1])
            await #expect(throws: VaultClient.Failure.self) { try await purger.purge(now: Date()) }
            #expect(asked().count == 2)
            #expect(try await kept(pool) == Set(archives.map(\.rawValue)))
        }
    }

    @Test("while the vault is away a pass ends at the first one; a pass ends in time") func away() async throws {
        try await withPool { pool in
            let archives = try await imports(pool, until: [-1, -1, -1])
            let address = try #require(VaultAddress("http://127.0.0.1:\(try freePort())"))
            let purger = ArchivePurger(
                records: StoreRecords(pool: pool),
                vault: VaultClient(address: address, keys: ring, seconds: 1),
                worker: "w",
                logger: logger
            )
            let registry = PrometheusRegistry()
            let failure = try await #require(throws: VaultClient.Failure.self) {
                try await withMetricsFactory(registry) { try await purger.purge(now: Date()) }
            }
            let counted = await registry.text()
            #expect(failure.isAway && counted.contains(#"storeweaver_archive_purges_total{outcome="failed"} 1"#), "\(counted)")
            try await purger.purge(now: Date(), within: .zero)
            #expect(try await kept(pool) == Set(archives.map(\.rawValue)))
        }
    }
}
