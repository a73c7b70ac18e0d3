import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Program
import Sealing
import StoreDomain
import StoreRecords
import Testing

/// Where people are told what happens to their stores.
@Suite struct ChannelTests {
    static let environment = [
        "CHANNEL_KEYS": "k1:" + Data(repeating: 5, count: 32).base64EncodedString(), "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.2",
        "ADMIN_TOKEN": AdminTests.token,
    ]
    static var wanted: [String: Any] {
        ["type": "webhook", "url": "https://127.0.0.2/hooks/s3cret?key=1", "events": ["store.failed", "store.lost"]]
    }

    private static let ada: HTTPFields = [HTTPField.Name("X-User-Id")!: "ada"]
    private static let eve: HTTPFields = [HTTPField.Name("X-User-Id")!: "eve"]
    private static let operator_: HTTPFields = [.authorization: "Bearer \(AdminTests.token)"]

    private struct Client: Sendable {
        let client: any TestClientProtocol

        func callAsFunction(_ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = ada, _ body: [String: Any]? = nil)
            async throws
            -> TestResponse
        {
            let data = try body.map { try JSONSerialization.data(withJSONObject: $0) }
            return try await client.executeRequest(
                uri: "/api/channels\(path)",
                method: method,
                headers: headers,
                body: data.map { ByteBuffer(bytes: $0) }
            )
        }

        func made(_ headers: HTTPFields = ada, _ query: String = "") async throws -> String {
            let answer = try await self(.post, query, headers, wanted)
            let channel = try #require(answer.object["channel"] as? [String: Any])
            return try #require(channel["id"] as? String)
        }
    }

    private func withChannels(
        _ environment: [String: String] = environment,
        _ body: @escaping @Sendable (Client, APIUnderTest) async throws -> Void
    )
        async throws
    {
        try await withAPI(environment) { client, api in try await body(Client(client: client), api) }
    }

    @Test("a channel's secret is told once, and neither it nor the address is kept as it is") func life() async throws {
        try await withChannels { ask, api in
            let made = try await ask(.post, "", Self.ada, Self.wanted)
            #expect(made.status == .created)
            let secret = try #require(made.object["secret"] as? String)
            let channel = try #require(made.object["channel"] as? [String: Any])
            let id = try #require(channel["id"] as? String)
            #expect(
                secret.hasPrefix("whsec_") && channel["shown"] as? String == "https://127.0.0.2" && channel["state"] as? String == "active"
            )
            let listed = String(buffer: try await ask(.get, "").body)
            #expect(listed.contains(id) && !listed.contains("s3cret") && !listed.contains(secret))
            let row = try #require(try await api.pool.query("SELECT c::text AS text FROM channels c").first)
            let text: String = try row["text"]
            #expect(!text.contains("s3cret") && !text.contains(secret.dropFirst(6)))

            let changed = try await ask(.patch, "/\(id)", Self.ada, ["events": ["store.deleted"], "state": "paused"])
            let now = try #require(changed.object["channel"] as? [String: Any])
            #expect(now["events"] as? [String] == ["store.deleted"] && now["pausedReason"] is String)
            #expect(try await ask(.post, "/\(id)/test").status == .conflict)
            #expect(try await ask(.patch, "/\(id)", Self.ada, ["url": "https://127.0.0.2:8443/x", "state": "active"]).status == .ok)
            #expect(try await ask(.post, "/\(id)/test").status == .accepted)
            let deliveries = try #require(try await ask(.get, "/\(id)/deliveries").object["deliveries"] as? [[String: Any]])
            #expect(deliveries.map { $0["event"] as? String } == ["test"] && deliveries[0]["status"] as? String == "waiting")
            #expect(try await ask(.delete, "/\(id)").status == .ok)
            #expect(try await ask(.delete, "/\(id)").status == .notFound)
            let audit = try await api.pool.query("SELECT action, detail FROM audit WHERE target = \(id) ORDER BY id")
            #expect(
                try audit.map { try $0["action"] as String } == ["channel.create", "channel.change", "channel.change", "channel.delete"]
            )
            #expect(
                try audit.allSatisfy { row in
                    let detail: String? = try row["detail"]
                    return detail?.contains("s3cret") != true
                }
            )
        }
    }

    @Test(
        "what cannot be told is refused, by its field",
        arguments: [
            ("url", "http://127.0.0.2/"), ("url", "https://127.0.0.1/"), ("url", "https://localhost/"), ("url", "https://10.0.0.1/"),
            ("url", "https://[::1]/"), ("url", "https://[::ffff:127.0.0.1]/"), ("url", "https://169.254.169.254/latest/meta-data/"),
            ("url", "https://2130706433/"), ("url", "https://a@127.0.0.2/"), ("url", "nothing"), ("type", "pigeon"),
            ("events", "store.ready"),
            ("state", "asleep"),
        ]
    )
    func refused(field: String, value: String) async throws {
        try await withChannels { ask, _ in
            if field != "state" {
                let body = Self.wanted.merging([field: value]) { $1 }
                let answer = try await ask(.post, "", Self.ada, body)
                #expect(answer.status == .badRequest && answer.object["field"] as? String == field, "\(answer.object)")
            }
            if field != "type" {
                let answer = try await ask(.patch, "/\(ask.made())", Self.ada, [field: value])
                #expect(answer.status == .badRequest && answer.object["field"] as? String == field, "\(answer.object)")
            }
        }
    }

    @Test("a mailbox is confirmed and stopped by its link alone, and by nobody who guesses") func mailboxes() async throws {
        let mail = ["SMTP_HOST": "mail.example.com", "SMTP_FROM": "weaver@example.com", "DASHBOARD_URL": "https://weaver.example.com/"]
        try await withChannels(Self.environment.merging(mail) { $1 }) { ask, api in
            #expect(try await ask(.get, "").object["mailFrom"] as? String == "weaver@example.com")
            let wanted: [String: Any] = ["type": "email", "address": "Ada@Example.com", "events": ["store.failed"]]
            let made = try await ask(.post, "", Self.ada, wanted)
            #expect(made.status == .created && made.object["secret"] == nil)
            let channel = try #require(made.object["channel"] as? [String: Any])
            let id = try #require((channel["id"] as? String).flatMap { ChannelID($0) })
            #expect(channel["shown"] as? String == "Ada@example.com" && channel["state"] as? String == "unconfirmed")
            #expect(try await ask(.patch, "/\(id)", Self.ada, ["state": "active"]).object["channel"] as? [String: Any] != nil)
            #expect(try await ask(.patch, "/\(id)", Self.ada, ["url": "https://127.0.0.2/"]).object["field"] as? String == "url")

            let seal = ChannelSeal(ring: try KeyRing(try #require(Self.environment["CHANNEL_KEYS"]), setting: "CHANNEL_KEYS"))
            guard case .email(let mailbox) = try seal.open(try #require(try await StoreRecords(pool: api.pool).sealedChannel(id)), of: id)
            else {
                Issue.record("no mailbox")
                return
            }
            #expect(!String(buffer: made.body).contains(mailbox.token))
            func answer(_ word: String, _ token: String, _ channel: String? = nil) async throws -> TestResponse {
                let body = try JSONSerialization.data(withJSONObject: ["channel": channel ?? id.rawValue, "token": token])
                // Without a name: whoever reads the mailbox need not be anybody here.
                return try await ask.client.executeRequest(
                    uri: "/api/mailboxes/\(word)",
                    method: .post,
                    headers: [.contentType: "application/json"],
                    body: ByteBuffer(bytes: body)
                )
            }
            let hook = try await ask.made()
            for (token, other) in [(String(repeating: "0", count: 32), nil), (mailbox.token, "0123456789ab"), (mailbox.token, hook)] {
                for word in ["confirm", "stop"] { #expect(try await answer(word, token, other).status == .notFound) }
            }
            #expect(try await answer("confirm", "short").object["field"] as? String == "token")
            #expect(try await answer("confirm", mailbox.token).object["state"] as? String == "active")
            #expect(try await ask(.post, "/\(id)/test").status == .accepted)
            #expect(try await answer("stop", mailbox.token).object["state"] as? String == "stopped")
            #expect(try await ask(.post, "/\(id)/test").status == .notFound)
        }
    }

    @Test("without a mail server no mailbox is taken") func noMail() async throws {
        try await withChannels { ask, _ in
            #expect(try await ask(.get, "").object["mailFrom"] is NSNull)
            let answer = try await ask(.post, "", Self.ada, ["type": "email", "address": "ada@example.com", "events": ["store.failed"]])
            #expect(answer.status == .forbidden && answer.object["code"] as? String == "no-mail")
        }
    }

    @Test("an event that nobody knows is refused, and so is the eleventh channel") func limits() async throws {
        try await withChannels { ask, _ in
            for events: [Any] in [["store.ready", "store.sold"], [], ["test"], [1]] {
                #expect(
                    try await ask(.post, "", Self.ada, Self.wanted.merging(["events": events]) { $1 }).object["field"] as? String
                        == "events"
                )
            }
            for _ in 0..<10 { _ = try await ask.made() }
            #expect(try await ask(.post, "", Self.ada, Self.wanted).status == .conflict)
            _ = try await ask.made(Self.eve)
        }
    }

    @Test("a stranger reaches no channel, and operators the installation's alone") func strangers() async throws {
        try await withChannels { ask, _ in
            let adas = try await ask.made()
            let all = try await ask.made(Self.operator_, "?scope=installation")
            for (method, path) in [(HTTPRequest.Method.patch, ""), (.delete, ""), (.post, "/test"), (.get, "/deliveries")] {
                let body: [String: Any]? = method == .patch ? ["state": "paused"] : nil
                #expect(try await ask(method, "/\(adas)\(path)", Self.eve, body).status == .notFound)
                #expect(try await ask(method, "/\(all)\(path)", Self.ada, body).status == .notFound)
                #expect(try await ask(method, "/\(all)\(path)?scope=installation", Self.ada, body).status == .forbidden)
                #expect(try await ask(method, "/\(adas)\(path)?scope=installation", Self.operator_, body).status == .notFound)
            }
            #expect((try await ask(.get, "", Self.operator_).object["channels"] as? [Any])?.count == 1)
            #expect(try await ask(.get, "?scope=everybody").status == .badRequest)
        }
    }

    @Test("without keys nothing is taken, and the list says so") func noKeys() async throws {
        try await withChannels(["ADMIN_TOKEN": AdminTests.token]) { ask, _ in
            #expect(try await ask(.get, "").object["enabled"] as? Bool == false)
            let answer = try await ask(.post, "", Self.ada, Self.wanted)
            #expect(answer.status == .forbidden && answer.error?.contains("CHANNEL_KEYS") == true)
        }
    }
}
