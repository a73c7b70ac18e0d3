import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

/// What comes from outside is taken to the letter, or refused: never repaired, guessed or left out.
@Suite struct DecodingTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var method: HTTPRequest.Method = .get
        var path = "/api/stores"
        var headers: [String: String] = [:]
        var body: [UInt8]?
        let code: String
        var field: String?

        var testDescription: String { "\(method) \(path) \(headers) \(code)" }
    }

    static let bytes: [UInt8] = Array(#"{"name":"A"#.utf8) + [0xff] + Array(#"","engine":"medusa"}"#.utf8)
    static let utf16: [UInt8] = #"{"name":"A","engine":"medusa"}"#.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }

    static let refusals = [
        Refusal(path: "/api/stores?q=%ff", code: "not-utf-8"), Refusal(path: "/api/stores?q=%zz", code: "not-utf-8"),
        Refusal(path: "/api/stores?q=%c3", code: "not-utf-8"), Refusal(path: "/api/slugs/%ff", code: "not-utf-8"),
        // What the server below puts for bytes that it cannot decode.
        Refusal(path: "/api/stores?q=\u{fffd}", code: "not-utf-8"),
        Refusal(headers: ["X-User-Id": "ad\u{fffd}"], code: "not-utf-8", field: "X-User-Id"),
        Refusal(headers: ["Cookie": "a=\u{fffd}"], code: "not-utf-8", field: "Cookie"),
        Refusal(path: "/api/stores?limit=1&limit=2", code: "given-twice", field: "limit"),
        Refusal(path: "/api/stores?limt=1", code: "unknown-parameter", field: "limt"),
        Refusal(path: "/api/me?scope=all", code: "unknown-parameter", field: "scope"),
        Refusal(method: .post, path: "/api/stores?name=x", body: Array("{}".utf8), code: "unknown-parameter", field: "name"),
        Refusal(path: "/api/stores?limit=many", code: "invalid-value", field: "limit"),
        Refusal(path: "/api/stores?userId=", code: "invalid-value", field: "userId"),
        Refusal(headers: ["X-User-Id": ""], code: "invalid-value", field: "X-User-Id"),
        Refusal(headers: ["X-User-Id": " "], code: "invalid-value", field: "X-User-Id"),
        Refusal(headers: ["X-User-Id": "\u{200b}"], code: "invalid-value", field: "X-User-Id"),
        Refusal(headers: ["X-User-Id": "ada\u{202e}"], code: "invalid-value", field: "X-User-Id"),
        Refusal(method: .post, body: bytes, code: "not-utf-8"), Refusal(method: .post, body: utf16, code: "not-utf-8"),
        Refusal(method: .post, body: Array(#"{"name":"\ud800","engine":"medusa"}"#.utf8), code: "invalid-json"),
        Refusal(method: .post, body: Array(#"{"name":"A","engine":"medusa","colour":"red"}"#.utf8), code: "unknown-field", field: "colour"),
        Refusal(method: .post, body: Array(#"{"name":"A","engine":"medusa","name":"B"}"#.utf8), code: "given-twice", field: "name"),
        Refusal(method: .post, body: Array(#"{"name":"A","engine":"medusa","n\u0061me":null}"#.utf8), code: "given-twice", field: "name"),
        Refusal(method: .post, body: Array(#"{"name":123,"engine":"medusa"}"#.utf8), code: "wrong-type", field: "name"),
        Refusal(method: .post, body: Array(#"{"engine":"medusa"}"#.utf8), code: "required", field: "name"),
        Refusal(method: .post, body: Array(#"{"name":"A","engine":"medusa","userId":""}"#.utf8), code: "invalid-value", field: "userId"),
        Refusal(
            method: .post,
            body: Array("{\"name\":\"\u{200b}\u{200d}\",\"engine\":\"medusa\"}".utf8),
            code: "invalid-value",
            field: "name"
        ),
        Refusal(
            method: .post,
            body: Array("{\"name\":\"\u{202e}\u{2066}\",\"engine\":\"medusa\"}".utf8),
            code: "invalid-value",
            field: "name"
        ),
        Refusal(method: .post, body: Array(#"{"name":"A","engine":"medusa","slug":"Zürich"}"#.utf8), code: "invalid-value", field: "slug"),
    ]

    @Test("is refused with a word for programs, the field that is meant and the request's id", arguments: refusals)
    func refuses(_ refusal: Refusal) async throws {
        try await withAPI { client, _ in
            var headers: HTTPFields = [:]
            for (name, value) in refusal.headers { headers[try #require(HTTPField.Name(name))] = value }
            let response = try await client.executeRequest(
                uri: refusal.path,
                method: refusal.method,
                headers: headers,
                body: refusal.body.map { ByteBuffer(bytes: $0) }
            )
            #expect(response.status == .badRequest)
            #expect(response.object["code"] as? String == refusal.code)
            #expect(response.object["field"] as? String == refusal.field)
            #expect(response.object["requestId"] as? String == response.headers[try #require(HTTPField.Name("X-Request-Id"))])
            #expect(response.object["status"] as? Int == 400 && response.object["title"] as? String == "Bad Request")
            #expect(response.object["detail"] as? String == response.error)
        }
    }

    @Test("a plus in a query is a space, and one that is encoded is none")
    func plus() async throws {
        try await withAPI { client, _ in
            for name in ["Two Words", "Two+Words"] {
                _ = try await create(client, #"{"name":"\#(name)","engine":"medusa"}"#)
            }
            for (query, name) in [("Two+Words", "Two Words"), ("Two%20Words", "Two Words"), ("Two%2BWords", "Two+Words")] {
                let found = try await client.executeRequest(uri: "/api/stores?q=\(query)", method: .get, headers: [:], body: nil)
                let stores = found.object["stores"] as? [[String: Any]] ?? []
                #expect(stores.map { $0["name"] as? String } == [name])
            }
        }
    }

    @Test("who sends no name sees all, as clients rely on; who sends an empty one sees nothing")
    func emptyUser() async throws {
        try await withAPI { client, _ in
            _ = try await create(client, #"{"name":"A","engine":"medusa","userId":"ada"}"#)
            let all = try await client.executeRequest(uri: "/api/stores", method: .get, headers: [:], body: nil)
            #expect((all.object["stores"] as? [Any])?.count == 1)
            let user = try #require(HTTPField.Name("X-User-Id"))
            for path in ["/api/stores", "/api/stores/events", "/api/me"] {
                let none = try await client.executeRequest(uri: path, method: .get, headers: [user: ""], body: nil)
                #expect(none.status == .badRequest)
            }
        }
    }

    @Test("a path is decoded to the letter, and a plus in it is a plus")
    func slugs() async throws {
        try await withAPI { client, _ in
            for (text, slug) in [
                ("Z%C3%BCrich%20K%C3%A4se%20&%20S%C3%B6hne", "zurich-kase-sohne"), ("a+b", "a-b"), ("%E6%97%A5%E6%9C%AC", "ri-ben"),
                ("Acme", "acme"),
            ] {
                let answer = try await client.executeRequest(uri: "/api/slugs/\(text)", method: .get, headers: [:], body: nil)
                #expect(answer.object["slug"] as? String == slug)
                #expect(answer.object["available"] as? Bool == true)
                #expect(answer.object["url"] as? String == "http://\(slug).localhost")
            }
        }
    }

    @Test("an address of one's own is had, or refused when another has it or the platform")
    func ownSlug() async throws {
        try await withAPI { client, _ in
            let made = try await create(client, #"{"name":"Käse","engine":"medusa","slug":"cheese"}"#)
            #expect(made.status == .accepted && made.store["namespace"] as? String == "store-cheese")
            #expect(made.headers[.location] == "/api/stores/\(made.store["id"] as? String ?? "")")
            for slug in ["cheese", "admin"] {
                let refused = try await create(client, #"{"name":"Other","engine":"medusa","slug":"\#(slug)"}"#)
                #expect(refused.status == .conflict)
                #expect(refused.object["code"] as? String == "slug-taken" && refused.object["field"] as? String == "slug")
                let asked = try await client.executeRequest(uri: "/api/slugs/\(slug)", method: .get, headers: [:], body: nil)
                #expect(asked.object["available"] as? Bool == false)
            }
            // Without one the name's is suffixed, as ever.
            let other = try await create(client, #"{"name":"Cheese","engine":"medusa"}"#)
            #expect((other.store["namespace"] as? String)?.hasPrefix("store-cheese-") == true)
        }
    }

    @Test("OPTIONS tells what there is, and TRACE is not", arguments: ["/api/stores", "/api/me", "/", "/openapi.yaml"])
    func methods(path: String) async throws {
        try await withAPI { client, _ in
            let options = try await client.executeRequest(uri: path, method: .options, headers: [:], body: nil)
            #expect(options.status == .noContent)
            #expect(options.headers[.allow]?.contains("GET, HEAD") == true || options.headers[.allow]?.contains("POST") == true)
            let trace = try await client.executeRequest(uri: path, method: .trace, headers: [:], body: nil)
            #expect(trace.status == .methodNotAllowed && trace.headers[.allow] == options.headers[.allow])
        }
    }

    private func create(_ client: any TestClientProtocol, _ body: String) async throws -> TestResponse {
        try await client.executeRequest(
            uri: "/api/stores",
            method: .post,
            headers: [.contentType: "application/json"],
            body: ByteBuffer(string: body)
        )
    }
}
