import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Sealing
import StoreDomain
import StoreRecords
import Testing

@Suite struct CredentialTests {
    private static let keys = "k1:\(Data(repeating: 9, count: 32).base64EncodedString())"
    private static let environment = Browser.accounts.merging(["CREDENTIALS_KEYS": keys, "ADMIN_TOKEN": AdminTests.token]) { $1 }
    private static let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]

    /// A store of who is signed in there, whose credentials a worker would have sealed.
    private func store(of browser: Browser, _ api: APIUnderTest, sealedFor other: StoreID? = nil) async throws -> StoreID {
        let made = try await browser.send(.post, "/api/stores", ["name": "Acme", "engine": "woocommerce"])
        let id = try #require((made.store["id"] as? String).flatMap { StoreID($0) })
        let seal = try #require(try CredentialSeal(setting: Self.keys))
        let sealed = try seal.seal(AdminCredentials(user: "admin", password: "the store's own"), of: other ?? id)
        try await api.execute("INSERT INTO store_credentials VALUES (\(id.rawValue), \(sealed.key), \(sealed.text), 1)")
        return id
    }

    @Test("the owner sees them, and the audit says so") func reveal() async throws {
        try await withAPI(Self.environment) { client, api in
            let ada = Browser(client)
            let adas = try await ada.signUp("ada@example.org")
            let id = try await store(of: ada, api)
            let answer = try await ada.send(.post, "/api/stores/\(id)/credentials/reveal")
            #expect(answer.status == .ok)
            #expect(answer.object["user"] as? String == "admin")
            #expect(answer.object["password"] as? String == "the store's own")
            #expect(answer.headers[.cacheControl] == "no-store")
            for path in ["", "/detail", "/status", "/attempts"] {
                let other = try await ada.send(.get, "/api/stores/\(id)\(path)")
                #expect(!String(buffer: other.body).contains("the store's own"))
            }
            let audit = try await Browser(client).send(.get, "/api/admin/audit?action=credentials.", headers: Self.installation)
            let entries = try #require(audit.object["entries"] as? [[String: Any]])
            #expect(entries.count == 1)
            #expect(entries.first?["actor"] as? String == "ada@example.org")
            #expect(entries.first?["target"] as? String == id.rawValue)
            #expect(adas.hasPrefix("u"))
        }
    }

    @Test("a row copied from another store opens nothing and tells nothing") func copiedRow() async throws {
        try await withAPI(Self.environment) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let id = try await store(of: ada, api, sealedFor: StoreID("a00000000001"))
            let answer = try await ada.send(.post, "/api/stores/\(id)/credentials/reveal")
            #expect(answer.status == .internalServerError)
            #expect(answer.error?.hasPrefix("The credentials cannot be opened") == true)
            #expect(try await reveals(client) == ["ada@example.org refused"])
        }
    }

    @Test("who asks for another's gets nothing, and the audit says who tried") func stranger() async throws {
        try await withAPI(Self.environment) { client, api in
            let (ada, eve) = (Browser(client), Browser(client))
            try await ada.signUp("ada@example.org")
            let id = try await store(of: ada, api)
            try await eve.signUp("eve@example.org")
            #expect(try await eve.send(.post, "/api/stores/\(id)/credentials/reveal").status == .notFound)
            #expect(try await eve.send(.post, "/api/stores/a00000000001/credentials/reveal").status == .notFound)
            #expect(try await ada.send(.post, "/api/stores/\(id)/credentials/reveal").status == .ok)
            #expect(try await reveals(client) == ["ada@example.org done", "eve@example.org refused"])
        }
    }

    /// Who asked for credentials and what came of it, newest first.
    private func reveals(_ client: any TestClientProtocol) async throws -> [String] {
        let audit = try await Browser(client).send(.get, "/api/admin/audit?action=credentials.", headers: Self.installation)
        let entries = try #require(audit.object["entries"] as? [[String: Any]])
        return entries.map { "\($0["actor"] ?? "") \($0["outcome"] ?? "")" }
    }

    @Test("says so where there are none yet, and where none are handed over") func absent() async throws {
        try await withAPI(Self.environment) { client, _ in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let made = try await ada.send(.post, "/api/stores", ["name": "Acme", "engine": "woocommerce"])
            let id = try #require(made.store["id"] as? String)
            #expect(try await ada.send(.post, "/api/stores/\(id)/credentials/reveal").status == .conflict)
        }
        try await withAPI { client, _ in
            let ada = Browser(client)
            let made = try await ada.send(.post, "/api/stores", ["name": "Acme", "engine": "woocommerce"])
            let id = try #require(made.store["id"] as? String)
            #expect(try await ada.send(.post, "/api/stores/\(id)/credentials/reveal").status == .notImplemented)
        }
    }

    @Test("each change is in the audit with its outcome, refused ones too; pages and the export have them all") func audit() async throws {
        try await withAPI(Self.environment.merging(["MAX_STORES_PER_USER": "1"]) { $1 }) { client, _ in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let made = try await ada.send(.post, "/api/stores", ["name": "One", "engine": "medusa"])
            let id = try #require(made.store["id"] as? String)
            #expect(try await ada.send(.post, "/api/stores", ["name": "Two", "engine": "medusa"]).status == .tooManyRequests)
            #expect(try await ada.send(.post, "/api/stores/\(id)/retry").status == .badRequest)
            #expect(try await ada.send(.delete, "/api/stores/\(id)").status == .accepted)
            #expect(try await ada.send(.post, "/api/admin/queue/pause", ["reason": "mischief"]).status == .forbidden)
            let admin = Browser(client)
            let all = try await admin.send(.get, "/api/admin/audit", headers: Self.installation)
            let entries = try #require(all.object["entries"] as? [[String: Any]])
            let told = entries.map { "\($0["action"] ?? "") \($0["outcome"] ?? "")" }
            #expect(
                told == [
                    "request refused", "store.delete done", "store.retry refused", "store.create refused", "store.create done",
                    "account.sign-up done",
                ]
            )
            #expect(entries.allSatisfy { $0["actor"] as? String == "ada@example.org" })
            let page = try await admin.send(.get, "/api/admin/audit?limit=2&outcome=refused", headers: Self.installation)
            #expect((page.object["entries"] as? [Any])?.count == 2)
            let before = try #require(page.object["nextBefore"] as? Int)
            let rest = try await admin.send(.get, "/api/admin/audit?limit=2&outcome=refused&before=\(before)", headers: Self.installation)
            #expect((rest.object["entries"] as? [Any])?.count == 1)
            let export = try await admin.send(.get, "/api/admin/audit/export", headers: Self.installation)
            #expect(String(buffer: export.body).split(separator: "\n").count == entries.count)
        }
    }

    @Test("no statement changes the audit") func appendOnly() async throws {
        try await withAPI(Self.environment) { client, api in
            try await Browser(client).signUp("ada@example.org")
            let statements: [SQL] = ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit", "TRUNCATE audit"]
            for statement in statements {
                await #expect(throws: PostgresError.self) { try await api.execute(statement) }
            }
        }
    }
}
