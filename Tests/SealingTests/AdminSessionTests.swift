import Foundation
import Sealing
import StoreDomain
import Testing

@Suite struct AdminSessionTests {
    /// As the tests of the images have them, too.
    private struct Vector: Decodable {
        let secret: String
        let store: String
        let user: String
        let nonce: String
        let expiresAt: Int64
        let token: String

        static let all: [Vector] = {
            let file = URL(filePath: #filePath).appending(path: "../../Support/admin-session-vectors.json").standardized
            return (try? JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))) ?? []
        }()
    }

    private static let now = Date(timeIntervalSince1970: 1_750_000_000.75)

    private static func store(
        _ status: StoreStatus = .ready,
        asleep: Bool = false,
        activity: StoreActivity? = nil,
        drift: StoreHealth.Drift? = nil
    ) throws -> Store {
        Store(
            id: try #require(StoreID("a00000000001")),
            name: try StoreName("Acme"),
            engine: .woocommerce,
            status: status,
            namespace: try #require(StoreNamespace("store-acme")),
            owner: nil,
            url: "https://acme.example.com",
            health: StoreHealth(state: .healthy, since: now, drift: drift),
            createdAt: now,
            updatedAt: now,
            spec: StoreSpec(isAsleep: asleep),
            activity: activity
        )
    }

    @Test("a token is what the images verify") func vectors() {
        #expect(Vector.all.count == 3)
        for it in Vector.all {
            let expiry = Date(timeIntervalSince1970: TimeInterval(it.expiresAt))
            let token = AdminSessionToken(store: it.store, user: it.user, nonce: it.nonce, expiresAt: expiry)
            #expect(token.signed(by: AdminSignInKey(of: it.secret)) == it.token)
        }
    }

    @Test("a link is for this store and a minute, and no two are the same") func link() throws {
        let key = AdminSignInKey(of: "salt")
        let credentials = AdminCredentials(user: "admin", password: "the store's own", signInKey: key)
        let url = try AdminSession.url(of: Self.store(), credentials, now: Self.now)
        let token = try #require(url.split(separator: "#").last.map(String.init))
        #expect(url == "https://acme.example.com/-/admin-session#" + token)
        let parts = token.split(separator: ".")
        #expect(parts.count == 6 && parts[1] == "1750000060" && parts[2].count == 32)
        let same = AdminSessionToken(
            store: "https://acme.example.com",
            user: "admin",
            nonce: String(parts[2]),
            expiresAt: Self.now.addingTimeInterval(60)
        )
        #expect(same.signed(by: key) == token)
        #expect(same.signed(by: AdminSignInKey(of: "another store's")) != token)
        #expect(try AdminSession.url(of: Self.store(), credentials, now: Self.now) != url)
    }

    @Test("only a store that serves is opened, and says why it is not") func refusals() throws {
        let credentials = AdminCredentials(user: "admin", password: "x", signInKey: AdminSignInKey(of: "salt"))
        let refused: [(Store, String)] = [
            (try Self.store(.provisioning), "not-ready"), (try Self.store(.failed), "not-ready"), (try Self.store(.deleting), "not-ready"),
            (try Self.store(drift: .namespace), "not-ready"), (try Self.store(asleep: true), "asleep"),
            (try Self.store(asleep: true, activity: .fallingAsleep), "asleep"), (try Self.store(activity: .waking), "asleep"),
            (try Self.store(activity: .restoring), "busy"), (try Self.store(activity: .upgrading), "busy"),
        ]
        for (store, code) in refused {
            do {
                _ = try AdminSession.url(of: store, credentials, now: Self.now)
                Issue.record("\(code) was not refused")
            } catch { #expect(error.code == code) }
        }
        for activity in [StoreActivity.resizing, .renaming, .backingUp, .renewingPassword] {
            _ = try AdminSession.url(of: Self.store(activity: activity), credentials, now: Self.now)
        }
        #expect(throws: AdminSession.Refusal.self) {
            try AdminSession.url(of: Self.store(), AdminCredentials(user: "admin", password: "x"), now: Self.now)
        }
    }

    @Test("a key is kept sealed beside the credentials; rows of before have none; nothing prints it") func sealed() throws {
        let ring = "k1:\(Data(repeating: 9, count: 32).base64EncodedString())"
        let seal = try #require(try CredentialSeal(setting: ring))
        let store = try Self.store().id
        let key = AdminSignInKey(of: "salt")
        let opened = try seal.open(seal.seal(AdminCredentials(user: "admin", password: "x", signInKey: key), of: store), of: store)
        #expect(opened.signInKey == key)
        #expect("\(key) \(opened)" == "<redacted> <redacted>" && "\(key.debugDescription)" == "<redacted>")
        let decoder = JSONDecoder()
        #expect(try decoder.decode(AdminCredentials.self, from: Data(#"{"user":"a","password":"b"}"#.utf8)).signInKey == nil)
        for text in ["salt", "", String(repeating: "g", count: 64)] {
            let row = Data("{\"user\":\"a\",\"password\":\"b\",\"signInKey\":\"\(text)\"}".utf8)
            #expect(throws: DecodingError.self) { try decoder.decode(AdminCredentials.self, from: row) }
        }
    }
}
