import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Sealing
import StoreDomain
import Testing

@Suite struct AdminSessionTests {
    private static let keys = "k1:\(Data(repeating: 9, count: 32).base64EncodedString())"
    private static let environment = Browser.accounts.merging(["CREDENTIALS_KEYS": keys, "ADMIN_TOKEN": AdminTests.token]) { $1 }
    private static let installation: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]

    /// A ready store, of whose Secret a worker would have sealed a key.
    private func store(of browser: Browser, _ api: APIUnderTest, secret: String?, name: String = "Acme") async throws -> StoreID {
        let made = try await browser.send(.post, "/api/stores", ["name": name, "engine": "woocommerce"])
        let id = try #require((made.store["id"] as? String).flatMap { StoreID($0) })
        let seal = try #require(try CredentialSeal(setting: Self.keys))
        let key = secret.map { AdminSignInKey(of: $0) }
        let sealed = try seal.seal(AdminCredentials(user: "admin", password: "the store's own", signInKey: key), of: id)
        try await api.execute("INSERT INTO store_credentials VALUES (\(id.rawValue), \(sealed.key), \(sealed.text), 1)")
        let url = "https://\(name.lowercased()).example.com"
        try await api.execute("DELETE FROM jobs WHERE store_id = \(id.rawValue)")
        try await api.execute(
            """
            UPDATE stores SET status = 'ready', url = \(url), first_ready_at = now(), applied_generation = 1, ready_at = now()
            WHERE id = \(id.rawValue)
            """
        )
        return id
    }

    /// What was asked for and what came of it, newest first.
    private func audited(_ client: any TestClientProtocol) async throws -> [String] {
        let audit = try await Browser(client).send(.get, "/api/admin/audit?action=store.admin-session", headers: Self.installation)
        let entries = try #require(audit.object["entries"] as? [[String: Any]])
        return entries.map { "\($0["actor"] ?? "") \($0["outcome"] ?? "")" }
    }

    private func token(_ response: TestResponse) -> [String] {
        let url = response.object["url"] as? String ?? ""
        return url.split(separator: "#").last.map { $0.split(separator: ".").map(String.init) } ?? []
    }

    @Test("the owner gets a link to their own store, good for a minute and never to be cached; the audit says so") func opens() async throws
    {
        try await withAPI(Self.environment) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let id = try await store(of: ada, api, secret: "salt")
            let before = Date().timeIntervalSince1970
            let answer = try await ada.send(.post, "/api/stores/\(id)/admin-session")
            let after = Date().timeIntervalSince1970
            #expect(answer.status == .ok && answer.headers[.cacheControl] == "no-store")
            #expect(answer.object.keys.sorted() == ["url"])
            #expect((answer.object["url"] as? String)?.hasPrefix("https://acme.example.com/-/admin-session#v1.") == true)
            let parts = token(answer)
            try #require(parts.count == 6)
            let expiry = try #require(Double(parts[1]))
            #expect(expiry > before + 59 && expiry <= after + 60)
            let made = AdminSessionToken(
                store: "https://acme.example.com",
                user: "admin",
                nonce: parts[2],
                expiresAt: Date(timeIntervalSince1970: expiry)
            )
            #expect(made.signed(by: AdminSignInKey(of: "salt")) == parts.joined(separator: "."))
            #expect(try await audited(client) == ["ada@example.org done"])
            let told = try await ada.send(.get, "/api/stores/\(id)/activity")
            #expect((told.object["entries"] as? [[String: Any]])?.first?["action"] as? String == "store.admin-session")
        }
    }

    @Test("each link has a nonce of its own, and each store's a code of its own") func oneKeyPerStore() async throws {
        try await withAPI(Self.environment) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let one = try await store(of: ada, api, secret: "one")
            let other = try await store(of: ada, api, secret: "other", name: "Other")
            let first = token(try await ada.send(.post, "/api/stores/\(one)/admin-session"))
            let second = token(try await ada.send(.post, "/api/stores/\(one)/admin-session"))
            let others = token(try await ada.send(.post, "/api/stores/\(other)/admin-session"))
            try #require(first.count == 6 && second.count == 6 && others.count == 6)
            #expect(first[2] != second[2])
            let made = AdminSessionToken(
                store: "https://other.example.com",
                user: "admin",
                nonce: others[2],
                expiresAt: Date(timeIntervalSince1970: try #require(Double(others[1])))
            )
            #expect(made.signed(by: AdminSignInKey(of: "other")) == others.joined(separator: "."))
            #expect(made.signed(by: AdminSignInKey(of: "one")) != others.joined(separator: "."))
        }
    }

    @Test("operators, admins and strangers get none, and the audit says who tried") func others() async throws {
        try await withAPI(Self.environment) { client, api in
            let (ada, eve) = (Browser(client), Browser(client))
            try await ada.signUp("ada@example.org")
            let id = try await store(of: ada, api, secret: "salt")
            let eves = try await eve.signUp("eve@example.org")
            let path = "/api/stores/\(id)/admin-session"
            #expect(try await eve.send(.post, path).status == .notFound)
            let promoted = try await Browser(client).send(
                .post,
                "/api/admin/accounts/\(eves)",
                ["role": "admin"],
                headers: Self.installation
            )
            #expect(promoted.status == .ok)
            try await eve.signIn("eve@example.org")
            #expect(try await eve.send(.post, path).status == .notFound)
            #expect(try await Browser(client).send(.post, path, headers: Self.installation).status == .forbidden)
            #expect(try await audited(client) == ["eve@example.org refused", "eve@example.org refused"])
        }
    }

    @Test("a store that cannot be opened says why, and nothing is audited as done") func states() async throws {
        try await withAPI(Self.environment) { client, api in
            let ada = Browser(client)
            try await ada.signUp("ada@example.org")
            let id = try await store(of: ada, api, secret: "salt")
            let old = try await store(of: ada, api, secret: nil, name: "Old")
            func refusal(_ id: StoreID) async throws -> String {
                let answer = try await ada.send(.post, "/api/stores/\(id)/admin-session")
                return "\(answer.status.code) \(answer.object["code"] ?? "")"
            }
            #expect(try await refusal(old) == "409 no-sign-in")
            try await api.execute("UPDATE stores SET asleep = true WHERE id = \(id.rawValue)")
            #expect(try await refusal(id) == "409 asleep")
            try await api.execute("UPDATE stores SET asleep = false, status = 'failed', error_message = 'x' WHERE id = \(id.rawValue)")
            #expect(try await refusal(id) == "409 not-ready")
            try await api.execute("DELETE FROM store_credentials WHERE store_id = \(id.rawValue)")
            #expect(try await refusal(id) == "409 conflict")
            #expect(try await audited(client) == [])
        }
        try await withAPI { client, _ in
            let ada = Browser(client)
            let made = try await ada.send(.post, "/api/stores", ["name": "Acme", "engine": "woocommerce"])
            let id = try #require(made.store["id"] as? String)
            #expect(try await ada.send(.post, "/api/stores/\(id)/admin-session").status == .notImplemented)
        }
    }
}
