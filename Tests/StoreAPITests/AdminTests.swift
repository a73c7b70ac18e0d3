import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Testing

@Suite struct AdminTests {
    static let token = "correct horse battery staple"
    static let environment = ["ADMIN_TOKEN": token]
    static let operatorHeaders: HTTPFields = [.authorization: "Bearer \(token)", .contentType: "application/json"]

    @Test("without a token in the settings the operator's routes are closed, even to its bearer") func closed() async throws {
        try await withAPI { client, _ in
            let response = try await client.executeRequest(
                uri: "/api/admin/queue",
                method: .get,
                headers: Self.operatorHeaders,
                body: nil
            )
            #expect(response.status == .forbidden)
        }
    }

    @Test("every operator's route refuses who does not send the token") func unauthorized() async throws {
        try await withAPI(Self.environment) { client, api in
            let routes = api.routes.filter { $0.contains("/api/admin/") }
            #expect(routes.count == 16)
            for route in routes {
                let words = route.split(separator: " ")
                let method = try #require(HTTPRequest.Method(String(words[0])))
                let path = words[1].replacing("{id}", with: "1")
                for header in [nil, "Bearer", "Bearer wrong", "Basic \(Self.token)", "Bearer \(Self.token)x"] {
                    var headers: HTTPFields = [.contentType: "application/json"]
                    headers[.authorization] = header
                    let response = try await client.executeRequest(
                        uri: String(path),
                        method: method,
                        headers: headers,
                        body: ByteBuffer(string: #"{"reason":"x"}"#)
                    )
                    #expect(response.status == .unauthorized, "\(route) with \(header ?? "nothing")")
                    #expect(response.headers[.wwwAuthenticate] == "Bearer")
                }
            }
        }
    }

    @Test("a request whose statements are slow one after another is refused in the time of one") func slowStatements() async throws {
        try await withAPI(Self.environment, patience: .seconds(4)) { client, api in
            try await api.execute(
                "CREATE FUNCTION delay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2.5); RETURN NEW; END $$"
            )
            try await api.execute("CREATE TRIGGER slow BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION delay()")
            try await api.execute("CREATE TRIGGER slow BEFORE UPDATE ON queue_control FOR EACH ROW EXECUTE FUNCTION delay()")
            let paused = try await client.executeRequest(
                uri: "/api/admin/queue/pause",
                method: .post,
                headers: Self.operatorHeaders,
                body: ByteBuffer(string: #"{"reason":"moving"}"#)
            )
            #expect(paused.status == .serviceUnavailable)
            #expect(paused.headers[.retryAfter] != nil)
        }
    }

    @Test("pausing shows in the queue with who and why; resuming ends it") func pause() async throws {
        try await withAPI(Self.environment) { client, _ in
            var headers = Self.operatorHeaders
            headers[.init("X-User-Id")!] = "ada"
            let paused = try await client.executeRequest(
                uri: "/api/admin/queue/pause",
                method: .post,
                headers: headers,
                body: ByteBuffer(string: #"{"reason":"moving"}"#)
            )
            #expect(paused.status == .ok)
            let queue = try await client.executeRequest(uri: "/api/admin/queue", method: .get, headers: headers, body: nil)
            let pause = queue.object["paused"] as? [String: Any]
            #expect(pause?["by"] as? String == "ada")
            #expect(pause?["reason"] as? String == "moving")
            let resumed = try await client.executeRequest(uri: "/api/admin/queue/resume", method: .post, headers: headers, body: nil)
            #expect(resumed.object["message"] as? String == "The queue is resumed")
            let after = try await client.executeRequest(uri: "/api/admin/queue", method: .get, headers: headers, body: nil)
            #expect(after.object["paused"] == nil)
        }
    }

    @Test("a job is found, cancelled with a reason, refused a second time, and replayed") func job() async throws {
        try await withAPI(Self.environment) { client, _ in
            let created = try await client.executeRequest(
                uri: "/api/stores",
                method: .post,
                headers: [.contentType: "application/json"],
                body: ByteBuffer(string: #"{"name":"Acme","engine":"woocommerce"}"#)
            )
            let store = try #require(created.store["id"] as? String)
            let listed = try await client.executeRequest(
                uri: "/api/admin/jobs?state=queued&store=\(store)",
                method: .get,
                headers: Self.operatorHeaders,
                body: nil
            )
            let id = try #require((listed.object["jobs"] as? [[String: Any]])?.first?["id"] as? Int)
            let one = try await client.executeRequest(uri: "/api/admin/jobs/\(id)", method: .get, headers: Self.operatorHeaders, body: nil)
            #expect((one.object["position"] as? [String: Any])?["ahead"] as? Int == 0)
            func act(_ verb: String, _ body: String) async throws -> TestResponse {
                try await client.executeRequest(
                    uri: "/api/admin/jobs/\(id)/\(verb)",
                    method: .post,
                    headers: Self.operatorHeaders,
                    body: ByteBuffer(string: body)
                )
            }
            #expect(try await act("cancel", "{}").status == .badRequest)
            #expect(try await act("replay", "").status == .conflict)
            #expect(try await act("cancel", #"{"reason":"wrong plan"}"#).status == .ok)
            #expect(try await act("cancel", #"{"reason":"wrong plan"}"#).status == .conflict)
            let status = try await client.executeRequest(uri: "/api/stores/\(store)/status", method: .get, headers: [:], body: nil)
            #expect(status.object["status"] as? String == "failed")
            #expect(status.object["error_message"] as? String == "Cancelled by operator: wrong plan")
            #expect(try await act("replay", "").status == .accepted)
            #expect(try await act("replay", "").status == .conflict)
        }
    }

    @Test(
        "what is asked for wrongly is refused with what would be right",
        arguments: [
            "/api/admin/jobs?state=asleep", "/api/admin/jobs?kind=x", "/api/admin/jobs?store=x", "/api/admin/jobs?before=0",
            "/api/admin/jobs?limit=501",
        ]
    )
    func refusals(_ uri: String) async throws {
        try await withAPI(Self.environment) { client, _ in
            let response = try await client.executeRequest(uri: uri, method: .get, headers: Self.operatorHeaders, body: nil)
            #expect(response.status == .badRequest)
            #expect(response.error?.contains("must be") == true)
        }
    }

    @Test("locks, workers and orphans are lists, empty at first", arguments: ["locks", "workers", "orphans"]) func lists(_ name: String)
        async throws
    {
        try await withAPI(Self.environment) { client, _ in
            let response = try await client.executeRequest(
                uri: "/api/admin/\(name)",
                method: .get,
                headers: Self.operatorHeaders,
                body: nil
            )
            #expect(response.status == .ok)
            #expect((response.object[name] as? [Any])?.isEmpty == true)
        }
    }
}
