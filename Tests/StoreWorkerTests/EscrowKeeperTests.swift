import Foundation
import Hummingbird
import Logging
import Postgres
import Provisioning
import Sealing
import StoreDomain
import StoreRecords
import StoreWorker
import Synchronization
import TestSupport
import Testing

/// Putting into escrow, with a vault that keeps entries in memory.
@Suite(.timeLimit(.minutes(20))) struct EscrowKeeperTests {
    private let ring: KeyRing
    private let seal: CredentialSeal
    private let key = EscrowPrivateKey()

    init() throws {
        let text = "a:" + Data(repeating: 7, count: 32).base64EncodedString()
        ring = try KeyRing(text, setting: "VAULT_KEYS")
        seal = try #require(try CredentialSeal(setting: text))
    }

    private final class Entries: Sendable {
        let files = Mutex<[String: [String: Data]]>([:])
        let refused = Mutex<Set<String>>([])

        func secrets(of repository: String, by key: EscrowPrivateKey) throws -> [[String: String]] {
            try files.withLock { $0[repository] ?? [:] }.values.map { try key.open(try #require(EscrowEntry($0))) }
        }
    }

    private func router(_ entries: Entries) -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/:repository/escrow/") { _, context in
            let files = entries.files.withLock { $0[context.parameters.get("repository") ?? ""] ?? [:] }
            let list = files.map { "{\"name\":\"\($0.key)\",\"size\":\($0.value.count)}" }.joined(separator: ",")
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "[\(list)]")))
        }
        router.get("/:repository/escrow/:name") { _, context in
            let file = entries.files.withLock { $0[context.parameters.get("repository") ?? ""]?[context.parameters.get("name") ?? ""] }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: file ?? Data())))
        }
        router.post("/:repository/escrow/:name") { request, context in
            let repository = try context.parameters.require("repository")
            let words = request.headers[.authorization]?.split(separator: " ").last.flatMap { Data(base64Encoded: String($0)) } ?? Data()
            let token = String(decoding: words, as: UTF8.self).split(separator: ":", maxSplits: 1).last.map(String.init) ?? ""
            guard let found = VaultToken(verifying: token, by: ring, now: Date()), found.folder.name == repository,
                found.right == .manage,
                !entries.refused.withLock({ $0.contains(repository) })
            else { return Response(status: .forbidden) }
            let body = try await request.body.collect(upTo: 1 << 20)
            let name = try context.parameters.require("name")
            entries.files.withLock { $0[repository, default: [:]][name] = Data(body.readableBytesView) }
            return Response(status: .ok)
        }
        return router
    }

    private func store(_ pool: PostgresPool, password: String) async throws -> StoreID {
        let id = StoreID.random()
        try await pool.query(
            """
            INSERT INTO stores (id, name, engine, namespace, status) VALUES (\(id.rawValue), 'Acme', 'woocommerce', \("store-" + id.rawValue), 'ready')
            """
        )
        let sealed = try seal.seal(password, as: .backupKey, of: id)
        try await pool.query("INSERT INTO backup_keys (store_id, key_id, sealed) VALUES (\(id.rawValue), \(sealed.key), \(sealed.text))")
        return id
    }

    @Test("each repository's password and the platform's secrets are kept once, also by a new worker; a refusal keeps none of the others")
    func keep() async throws {
        try await withPool { pool in
            let entries = Entries()
            let refused = try await store(pool, password: "refused")
            let stores = [try await store(pool, password: "one"), try await store(pool, password: "two")]
            entries.refused.withLock { $0 = [refused.rawValue] }
            try await serving(router(entries)) { address in
                func keeper(_ key: EscrowKey) throws -> EscrowKeeper {
                    EscrowKeeper(
                        records: StoreRecords(pool: pool),
                        vault: VaultClient(address: try #require(VaultAddress(address)), keys: ring),
                        seal: seal,
                        key: key,
                        platform: ["VAULT_KEYS": SecretText(value: "a:b")],
                        worker: "w",
                        logger: Logger(label: "escrow") { _ in SwiftLogNoOpLogHandler() }
                    )
                }
                var kept: Set<RepositoryID> = []
                await #expect(throws: VaultClient.Failure.self) { try await keeper(key.publicKey).keep(&kept, page: 1) }
                #expect(try entries.secrets(of: stores[0].rawValue, by: key) == [["PASSWORD": "one"]])
                #expect(try entries.secrets(of: stores[1].rawValue, by: key) == [["PASSWORD": "two"]])
                #expect(try entries.secrets(of: "platform", by: key) == [["VAULT_KEYS": "a:b"]])
                entries.refused.withLock { $0 = [] }
                try await keeper(key.publicKey).keep(&kept)
                #expect(try entries.secrets(of: refused.rawValue, by: key) == [["PASSWORD": "refused"]])
                kept = []
                try await keeper(key.publicKey).keep(&kept)
                #expect(kept.count == 4)
                #expect(entries.files.withLock { $0.mapValues(\.count) }.values.allSatisfy { $0 == 1 })
                // Another key gets an entry of its own.
                kept = []
                try await keeper(EscrowPrivateKey().publicKey).keep(&kept)
                #expect(entries.files.withLock { $0.mapValues(\.count) }.values.allSatisfy { $0 == 2 })
            }
        }
    }
}
