import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Testing

/// People who work on another's store, and stores that become another's.
@Suite struct MemberTests {
    private struct World {
        let client: any TestClientProtocol
        let api: APIUnderTest
        let ada: Browser
        let bob: Browser
        let path: String
        let adasID: String
        let bobsID: String

        /// Ada's ready store, and Bob.
        init(_ client: any TestClientProtocol, _ api: APIUnderTest) async throws {
            (self.client, self.api, ada, bob) = (client, api, Browser(client), Browser(client))
            (adasID, bobsID) = (try await ada.signUp("ada@example.org"), try await bob.signUp("bob@example.org"))
            let made = try await ada.send(.post, "/api/stores", ["name": "Acme", "engine": "woocommerce"])
            path = "/api/stores/" + (try #require(made.store["id"] as? String))
            try await api.execute("UPDATE jobs SET state = 'succeeded'")
            try await api.execute("UPDATE stores SET status = 'ready', first_ready_at = now(), applied_generation = 1, version = '1.1.0'")
        }

        /// The token of an invitation that Ada makes.
        func invited(_ body: [String: Any], by route: String = "/members") async throws -> String {
            let answer = try await ada.send(.post, path + route, body)
            let invitation = try #require(answer.object["invitation"] as? [String: Any])
            let token = try #require(invitation["token"] as? String)
            try #require(invitation["path"] as? String == "/#join=\(token)")
            return token
        }

        func accept(_ token: String, as browser: Browser) async throws -> TestResponse {
            try await browser.send(.post, "/api/invitations/accept", ["invitation": token])
        }
    }

    private func withWorld(_ more: [String: String] = [:], _ body: @escaping @Sendable (World) async throws -> Void) async throws {
        try await withAPI(Browser.accounts.merging(more) { $1 }) { client, api in try await body(try await World(client, api)) }
    }

    @Test("whoever has an invitation's link becomes a member, once; and sees the store in their list until they leave")
    func joining() async throws {
        try await withWorld { world in
            let token = try await world.invited(["role": "viewer"])
            #expect(try await world.bob.listed("/api/stores") == 0)
            let told = try await world.bob.send(.post, "/api/invitations/read", ["invitation": token])
            #expect((told.object["store"] as? [String: Any])?["name"] as? String == "Acme")
            #expect((told.object["invitation"] as? [String: Any])?["token"] == nil)
            let joined = try await world.accept(token, as: world.bob)
            #expect(joined.status == .ok && joined.object["message"] as? String == "You are a viewer of the store")
            #expect(try await world.accept(token, as: world.bob).status == .notFound, "a link works once")

            #expect(try await world.bob.listed("/api/stores") == 1)
            #expect(try await world.bob.send(.get, world.path).status == .ok)
            let me = try await world.bob.send(.get, "/api/me").object
            #expect((me["memberOf"] as? [[String: String]])?.map { $0["role"] } == ["viewer"])
            #expect((me["stores"] as? [String: Int])?["used"] == 0, "it counts toward its owner's quota alone")

            let listed = try await world.bob.send(.get, world.path + "/members").object
            let members = try #require(listed["members"] as? [[String: Any]])
            #expect(members.map { $0["email"] as? String } == ["ada@example.org", "bob@example.org"])
            #expect(members.map { $0["role"] as? String } == ["owner", "viewer"])
            #expect((listed["invitations"] as? [Any])?.isEmpty == true)

            #expect(try await world.bob.send(.delete, "\(world.path)/members/\(world.bobsID)").status == .ok)
            #expect(try await world.bob.listed("/api/stores") == 0)
            #expect(try await world.bob.send(.get, world.path).status == .notFound)
        }
    }

    @Test("what a member may not is refused with the reason, and what they may is done") func roles() async throws {
        try await withWorld { world in
            _ = try await world.accept(try await world.invited(["role": "viewer"]), as: world.bob)
            let refused = try await world.bob.send(.patch, world.path, ["name": "Bob's"])
            #expect(refused.status == .forbidden && refused.object["code"] as? String == "role-too-low")
            #expect(refused.error == "You are a viewer of this store: its managers and its owner may do this")
            #expect(try await world.ada.send(.put, "\(world.path)/members/\(world.bobsID)", ["role": "manager"]).status == .ok)
            #expect(try await world.bob.send(.patch, world.path, ["name": "Bob's"]).status == .accepted)
            // What costs the owner is the owner's.
            for body in [["plan": "large"], ["storage": ["database": "20Gi"]]] as [[String: Any]] {
                let answer = try await world.bob.send(.patch, world.path, body)
                #expect(answer.error == "You are a manager of this store: only its owner may do this", "\(body)")
            }
            #expect(try await world.bob.send(.delete, world.path).status == .forbidden)
            // A manager who is invited as less stays a manager.
            _ = try await world.accept(try await world.invited(["role": "viewer"]), as: world.bob)
            #expect(try await world.bob.send(.patch, world.path, ["asleep": true]).status == .accepted)
        }
    }

    @Test("an invitation for an address is that account's alone, and does not tell whether there is one") func addresses() async throws {
        try await withWorld { world in
            let eve = Browser(world.client)
            try await eve.signUp("eve@example.org")
            let token = try await world.invited(["role": "manager", "email": "Bob@example.org"])
            let other = try await world.accept(token, as: eve)
            #expect(other.status == .forbidden && other.object["code"] as? String == "other-address")
            let read = try await eve.send(.post, "/api/invitations/read", ["invitation": token])
            #expect(read.status == .forbidden && read.object["store"] == nil)
            #expect(try await world.accept(token, as: world.bob).status == .ok, "of an address no case is told apart")
            let unknown = try await world.ada.send(.post, world.path + "/members", ["role": "viewer", "email": "nobody@example.org"])
            #expect(unknown.status == .created)
            let id = try #require((unknown.object["invitation"] as? [String: Any])?["id"] as? String)
            #expect(try await world.ada.send(.delete, "\(world.path)/invitations/\(id)").status == .ok)
            #expect(try await world.ada.send(.delete, "\(world.path)/invitations/\(id)").status == .notFound)
        }
    }

    @Test(
        "bad input is told by its field",
        arguments: [
            ("/members", #"{}"#, "invalid-value", "role"), ("/members", #"{"role":"owner"}"#, "invalid-value", "role"),
            ("/members", #"{"role":"viewer","email":"x"}"#, "invalid-value", "email"),
            ("/members", #"{"role":"viewer","days":3}"#, "unknown-field", "days"),
            ("/transfer", #"{"leavesAs":"owner"}"#, "invalid-value", "leavesAs"),
        ]
    )
    func refused(route: String, body: String, code: String, field: String) async throws {
        try await withWorld { world in
            let fields = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
            let answer = try await world.ada.send(.post, world.path + route, fields)
            #expect(answer.status == .badRequest && answer.object["code"] as? String == code && answer.object["field"] as? String == field)
        }
    }

    @Test("a store that is offered is the other's once they accept, and nothing of it is the former owner's") func transfer() async throws {
        try await withWorld(["CREDENTIALS_KEYS": "k1:\(Data(repeating: 9, count: 32).base64EncodedString())"]) { world in
            let carol = Browser(world.client)
            try await carol.signUp("carol@example.org")
            _ = try await world.accept(try await world.invited(["role": "viewer"]), as: carol)
            let open = try await world.invited(["role": "manager"])
            let first = try await world.invited([:], by: "/transfer")
            let offered = try await world.invited(["email": "bob@example.org"], by: "/transfer")
            #expect(try await world.accept(first, as: world.bob).status == .notFound, "a later offer takes the place of an earlier one")
            _ = try await world.ada.send(.post, "/api/stores", ["name": "Other", "engine": "medusa"])

            let answer = try await world.accept(offered, as: world.bob)
            #expect(answer.status == .accepted && answer.store["userId"] as? String == world.bobsID)
            #expect(answer.store["activity"] as? String == "renewing-password")
            #expect(try await world.ada.send(.get, world.path).status == .notFound)
            #expect(try await world.ada.send(.post, world.path + "/credentials/reveal").status == .notFound)
            #expect(try await world.bob.send(.get, world.path).status == .ok)
            #expect(try await carol.send(.get, world.path).status == .ok, "members stay")
            #expect(try await world.accept(open, as: Browser.signedUp(world.client, "dan@example.org")).status == .notFound)
            for (browser, used) in [(world.ada, 1), (world.bob, 1), (carol, 0)] {
                let me = try await browser.send(.get, "/api/me").object
                #expect((me["stores"] as? [String: Int])?["used"] == used)
            }
            let actions = try await world.api.pool.query(
                "SELECT action, outcome FROM audit WHERE action IN ('store.offer', 'member.accept') ORDER BY id"
            )
            #expect(
                try actions.map { "\(try $0["action"] as String) \(try $0["outcome"] as String)" }
                    == ["member.accept done", "store.offer done", "store.offer done", "member.accept done"]
            )
        }
    }

    @Test("the former owner can stay as what the offer says") func leavesAs() async throws {
        try await withWorld { world in
            _ = try await world.accept(try await world.invited(["leavesAs": "manager"], by: "/transfer"), as: world.bob)
            #expect(try await world.ada.send(.patch, world.path, ["name": "Still here"]).status == .accepted)
            #expect(try await world.ada.send(.delete, world.path).status == .forbidden)
        }
    }

    @Test("a store is not given to somebody without room for it, nor while its password cannot be renewed") func noTransfer() async throws {
        try await withWorld { world in
            let token = try await world.invited([:], by: "/transfer")
            try await world.api.execute("INSERT INTO user_quotas (user_id, stores) VALUES (\(world.bobsID), 0)")
            let full = try await world.accept(token, as: world.bob)
            #expect(full.status == .tooManyRequests && full.object["code"] as? String == "store-limit")
            try await world.api.execute("UPDATE user_quotas SET stores = 9, units = 0")
            #expect(try await world.accept(token, as: world.bob).object["code"] as? String == "unit-limit")
            try await world.api.execute("UPDATE user_quotas SET units = 99")
            try await world.api.execute("UPDATE stores SET status = 'failed', error_message = 'x'")
            let failed = try await world.accept(token, as: world.bob)
            #expect(failed.status == .conflict && failed.object["code"] as? String == "not-ready")
            #expect(try await world.ada.send(.get, world.path).store["userId"] as? String == world.adasID)
        }
    }

    @Test("where no accounts are kept, a member is named by id, and addresses are refused") func withoutAccounts() async throws {
        try await withAPI { client, api in
            let world = try await ChangeTests.World(client, api)
            func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, as user: String = "ada") async throws
                -> TestResponse
            {
                try await client.executeRequest(
                    uri: path,
                    method: method,
                    headers: [.contentType: "application/json", .init("X-User-Id")!: user],
                    body: body.map { ByteBuffer(string: $0) }
                )
            }
            #expect(try await ask(.get, world.path, as: "bob/ltd").status == .notFound)
            let set = try await ask(.put, world.path + "/members/bob%2Fltd", #"{"role":"manager"}"#)
            #expect(set.status == .ok && set.object["message"] as? String == "bob/ltd is a manager of Acme")
            #expect(try await ask(.get, world.path, as: "bob/ltd").status == .ok)
            #expect(try await ask(.put, world.path + "/members/ada", #"{"role":"viewer"}"#).object["code"] as? String == "is-owner")
            let address = try await ask(.post, world.path + "/members", #"{"role":"viewer","email":"eve@example.org"}"#)
            #expect(address.status == .badRequest && address.object["field"] as? String == "email")
        }
    }
}

extension Browser {
    static func signedUp(_ client: any TestClientProtocol, _ email: String) async throws -> Browser {
        let browser = Browser(client)
        try await browser.signUp(email)
        return browser
    }
}
