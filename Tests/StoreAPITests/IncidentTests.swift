import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Postgres
import Testing

@Suite struct IncidentTests {
    private struct Page {
        let client: any TestClientProtocol

        func read(_ user: String = "ada") async throws -> [String: Any]? {
            let headers: HTTPFields = [HTTPField.Name("X-User-Id") ?? .from: user]
            let response = try await client.executeRequest(uri: "/api/incident", method: .get, headers: headers, body: nil)
            #expect(response.status == .ok)
            return response.object["incident"] as? [String: Any]
        }

        func ask(_ method: HTTPRequest.Method, _ body: String? = nil) async throws -> TestResponse {
            try await client.executeRequest(
                uri: "/api/admin/incident",
                method: method,
                headers: AdminTests.operatorHeaders,
                body: body.map { ByteBuffer(string: $0) }
            )
        }
    }

    @Test("everybody sees the incident that an operator sets, until it is ended, and the audit has both") func shown() async throws {
        try await withAPI(AdminTests.environment) { client, api in
            let page = Page(client: client)
            #expect(try await page.read() == nil)
            let set = try await page.ask(.put, #"{"text": "Payments are slow", "level": "info"}"#)
            #expect(set.status == .ok)
            let first = try #require(try await page.read("eve"))
            #expect(first["text"] as? String == "Payments are slow" && first["level"] as? String == "info" && first["endsAt"] is NSNull)
            // The same text at another level is the same incident.
            #expect(try await page.ask(.put, #"{"text": "Payments are slow"}"#).status == .ok)
            let second = try #require(try await page.read())
            #expect(second["level"] as? String == "warning" && second["since"] as? String == first["since"] as? String)
            #expect(try await page.ask(.put, #"{"text": "Payments do not work"}"#).status == .ok)
            #expect(try await page.read()?["since"] as? String != first["since"] as? String)
            #expect(try await page.ask(.delete).object["message"] as? String == "The incident is not shown any more")
            #expect(try await page.read() == nil)
            #expect(try await page.ask(.delete).object["message"] as? String == "No incident was shown")
            #expect(try await page.ask(.put, #"{"text": "A bell \u0007"}"#).status == .badRequest)
            let lines = try await api.pool.query("SELECT action, detail FROM audit WHERE action LIKE 'incident.%' ORDER BY id")
            #expect(try lines.map { try $0["action"] as String } == ["incident.set", "incident.set", "incident.set", "incident.end"])
            #expect(try lines.last?["detail"] == "Payments do not work")
        }
    }

    @Test("at its end nobody reads it any more") func ended() async throws {
        try await withAPI(AdminTests.environment) { client, api in
            let page = Page(client: client)
            let end = Date().addingTimeInterval(3_600).formatted(.iso8601)
            #expect(try await page.ask(.put, #"{"text": "An hour", "endsAt": "\#(end)"}"#).status == .ok)
            #expect(try await page.read()?["endsAt"] is String)
            let noted = try await api.pool.query("SELECT detail FROM audit WHERE action = 'incident.set'")
            #expect(try noted.last?["detail"] == "An hour (until \(end))")
            #expect(try await page.ask(.put, #"{"text": " Two\r\n lines ", "endsAt": "\#(end)"}"#).status == .ok)
            #expect(try await page.read()?["text"] as? String == "Two lines")
            try await api.execute("UPDATE incident SET ends_at = clock_timestamp()")
            #expect(try await page.read() == nil)
            #expect(try await page.ask(.delete).object["message"] as? String == "No incident was shown")
        }
    }

    @Test(
        "what cannot be shown is refused by the field that is wrong",
        arguments: [
            ("text", "{}"), ("text", #"{"text": "  "}"#), ("level", #"{"text": "x", "level": "red"}"#),
            ("endsAt", #"{"text": "x", "endsAt": "2020-01-01T00:00:00Z"}"#), ("endsAt", #"{"text": "x", "endsAt": "soon"}"#),
            ("text", #"{"text": "\#(String(repeating: "x", count: 501))"}"#),
        ]
    )
    func refused(_ field: String, _ body: String) async throws {
        try await withAPI(AdminTests.environment) { client, _ in
            let response = try await Page(client: client).ask(.put, body)
            #expect(response.status == .badRequest)
            #expect(response.object["field"] as? String == field)
        }
    }
}
