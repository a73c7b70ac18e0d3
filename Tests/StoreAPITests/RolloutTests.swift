import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Testing

/// Rollouts by HTTP; what becomes of their stores is tested with the records.
@Suite struct RolloutTests {
    /// One ready store with version 1.1.0, and an operator.
    private struct World {
        let client: any TestClientProtocol
        let api: APIUnderTest
        let store: String

        init(_ client: any TestClientProtocol, _ api: APIUnderTest) async throws {
            (self.client, self.api) = (client, api)
            store = String(try await ChangeTests.World(client, api).path.split(separator: "/").last ?? "")
        }

        func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> TestResponse {
            try await client.executeRequest(
                uri: "/api/admin/rollouts" + path,
                method: method,
                headers: AdminTests.operatorHeaders,
                body: body.map { ByteBuffer(string: $0) }
            )
        }
    }

    private func withWorld(_ body: @escaping @Sendable (World) async throws -> Void) async throws {
        try await withAPI(AdminTests.environment) { client, api in try await body(World(client, api)) }
    }

    @Test("a rollout is made, shown with its numbers and stores, and listed") func life() async throws {
        try await withWorld { world in
            #expect(try await (world.ask(.get, "").object["rollouts"] as? [Any])?.isEmpty == true)
            let made = try await world.ask(
                .post,
                "",
                """
                {"engine":"woocommerce","to":"1.2.0","waves":[{"count":1},{"percent":100}],"canaries":["\(world.store)"],"batch":2,"maxFailures":0,
                 "soakSeconds":60,"respectWindows":false,"urgent":true,"sleeping":"skip","reason":"A security fix"}
                """
            )
            #expect(made.status == .created)
            let rollout = try #require(made.object["rollout"] as? [String: Any])
            let id = try #require(rollout["id"] as? String)
            #expect(made.headers[.location] == "/api/admin/rollouts/\(id)")
            #expect(rollout["state"] as? String == "planned" && rollout["urgent"] as? Bool == true && rollout["soakSeconds"] as? Int == 60)
            #expect((rollout["waves"] as? [[String: Int]]) == [["count": 1], ["percent": 100]])
            let numbers = ["total": 1, "waiting": 1, "running": 0, "soaking": 0, "done": 0, "kept": 0, "failed": 0, "skipped": 0]
            #expect((rollout["stores"] as? [String: Int]) == numbers)
            #expect((rollout["byWave"] as? [[String: Int]]) == [numbers.merging(["wave": 0]) { $1 }])
            let listed = try await world.ask(.get, "?limit=1").object["rollouts"] as? [[String: Any]]
            #expect(listed?.map { $0["id"] as? String } == [id])
            let stores = try await world.ask(.get, "/\(id)/stores?state=waiting,failed&limit=1").object
            let store = try #require((stores["stores"] as? [[String: Any]])?.first)
            #expect(
                store["storeId"] as? String == world.store && store["fromVersion"] as? String == "1.1.0" && stores["nextAfter"] as? Int == 1
            )
            #expect(try await (world.ask(.get, "/\(id)/stores?after=1").object["stores"] as? [Any])?.isEmpty == true)
            for (action, state) in [("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")] {
                let answer = try await world.ask(.post, "/\(id)/\(action)")
                #expect(answer.status == .ok && (answer.object["rollout"] as? [String: Any])?["state"] as? String == state, "\(action)")
            }
            let refused = try await world.ask(.post, "/\(id)/retry")
            #expect(refused.status == .conflict && refused.object["code"] as? String == "unfit")
            let lines = try await world.api.pool.query("SELECT action FROM audit WHERE action LIKE 'rollout.%' ORDER BY id")
            #expect(
                try lines.map { try $0["action"] as String } == ["create", "pause", "resume", "cancel", "retry"].map { "rollout.\($0)" }
            )
        }
    }

    @Test(
        "input that cannot be is refused by its field",
        arguments: [
            (#""to":"1.2.0""#, "engine"), (#""engine":"shopware","to":"1.2.0""#, "engine"), (#""engine":"woocommerce""#, "to"),
            (#""engine":"woocommerce","to":"newest""#, "to"), (#""engine":"woocommerce","to":"9.9.9""#, "to"),
            (#""engine":"medusa","to":"1.2.0""#, "to"),
            (#""waves":[{"percent":50}]"#, "waves"), (#""waves":[]"#, "waves"),
            (#""waves":[{"percent":50},{"percent":40},{"percent":100}]"#, "waves"),
            (#""waves":[{"count":1,"percent":100}]"#, "waves"), (#""waves":[{"percent":101}]"#, "percent"),
            (#""waves":[{"part":1}]"#, "waves[0].part"),
            (#""waves":"100%""#, "waves"), (#""batch":0"#, "batch"), (#""batch":1.5"#, "batch"), (#""maxFailures":-1"#, "maxFailures"),
            (#""soakSeconds":604801"#, "soakSeconds"), (#""respectWindows":1"#, "respectWindows"), (#""urgent":"yes""#, "urgent"),
            (#""sleeping":"wake""#, "sleeping"), (#""reason":" ""#, "reason"), (#""canaries":["acme"]"#, "canaries"),
            (#""canaries":["abcdefabcdef","abcdefabcdef"]"#, "canaries"), (#""canaries":["abcdefabcdef"]"#, "canaries"),
            (#""speed":1"#, "speed"),
        ]
    ) func refusals(_ member: String, _ field: String) async throws {
        try await withWorld { world in
            let whole =
                member.contains(#""engine""#) || member.contains(#""to""#) ? member : #""engine":"woocommerce","to":"1.2.0","# + member
            let answer = try await world.ask(.post, "", "{\(whole)}")
            #expect(answer.status == .badRequest && answer.object["field"] as? String == field, "\(answer.object)")
            #expect(try await world.api.pool.query("SELECT 1 FROM rollouts").isEmpty)
        }
    }

    @Test("what stands against it is a conflict, and an unknown rollout is not found") func conflicts() async throws {
        try await withWorld { world in
            let body = #"{"engine":"woocommerce","to":"1.2.0"}"#
            #expect(try await world.ask(.post, "", body).status == .created)
            let second = try await world.ask(.post, "", body)
            #expect(second.status == .conflict && second.object["code"] as? String == "rollout-unfinished")
            try await world.api.execute("UPDATE rollouts SET state = 'cancelled', ended_at = now()")
            try await world.api.execute("UPDATE stores SET version = '1.2.0'")
            let none = try await world.ask(.post, "", body)
            #expect(none.status == .conflict && none.object["code"] as? String == "no-stores")
            for path in ["/0123456789ab", "/0123456789ab/stores", "/x"] {
                let answer = try await world.ask(.get, path)
                #expect(answer.status == .notFound && answer.object["code"] as? String == "rollout-not-found")
            }
            #expect(try await world.ask(.post, "/0123456789ab/pause").status == .notFound)
            #expect(try await world.ask(.get, "/0123456789ab/stores?state=gone").object["field"] as? String == "state")
        }
    }

    @Test("an owner pins a store for 90 days at most, and ends it") func pins() async throws {
        try await withWorld { world in
            func ask(_ method: HTTPRequest.Method, _ body: String? = nil) async throws -> TestResponse {
                try await world.client.executeRequest(
                    uri: "/api/stores/\(world.store)/pin",
                    method: method,
                    headers: ChangeTests.ada,
                    body: body.map { ByteBuffer(string: $0) }
                )
            }
            func spec() async throws -> [String: Any] {
                try #require(try await ChangeTests.get(world.client, "/api/stores/\(world.store)").store["spec"] as? [String: Any])
            }
            let until = Date().addingTimeInterval(89 * 86_400).formatted(.iso8601)
            #expect(try await ask(.post, #"{"until":"\#(until)"}"#).status == .ok)
            #expect(try await spec()["pinned"] as? Bool == true)
            #expect(try await (spec()["pinnedUntil"] as? String)?.hasPrefix(String(until.dropLast())) == true)
            #expect(try await ask(.delete).status == .ok)
            #expect(try await spec()["pinnedUntil"] is NSNull)
            let late = Date().addingTimeInterval(91 * 86_400).formatted(.iso8601)
            for wrong in [#"{}"#, #"{"until":"2020-01-01T00:00:00Z"}"#, #"{"until":"tomorrow"}"#, #"{"until":"\#(late)"}"#] {
                let answer = try await ask(.post, wrong)
                #expect(answer.status == .badRequest && answer.object["field"] as? String == "until", "\(wrong)")
            }
        }
    }
}
