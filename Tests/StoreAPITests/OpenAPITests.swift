import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Yams

@Suite struct OpenAPITests {
    @Test("describes exactly the routes that the router has")
    func matchesRouter() async throws {
        try await withAPI { client, api in
            let served = try await client.executeRequest(uri: "/openapi.yaml", method: .get, headers: [:], body: nil)
            let document = try #require(try Yams.load(yaml: String(buffer: served.body)) as? [String: Any])
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            let described = paths.flatMap { path, operations in
                operations.keys.filter { $0 != "parameters" }.map { "\($0.uppercased()) \(path)" }
            }
            #expect(Set(api.routes) == Set(described))
        }
    }

    @Test("each operation tells how it refuses what is too long or too often")
    func tellsItsRefusals() async throws {
        try await withAPI { client, _ in
            let served = try await client.executeRequest(uri: "/openapi.yaml", method: .get, headers: [:], body: nil)
            let document = try #require(try Yams.load(yaml: String(buffer: served.body)) as? [String: Any])
            for (path, operations) in try #require(document["paths"] as? [String: [String: Any]]) {
                for case (let method, let operation as [String: Any]) in operations {
                    let told = Set((operation["responses"] as? [String: Any] ?? [:]).keys)
                    var owed: Set = ["414"]
                    if path.hasPrefix("/api/") { owed.insert("429") }
                    if operation["requestBody"] != nil { owed.insert("413") }
                    #expect(owed.subtracting(told).isEmpty, "\(method) \(path)")
                }
            }
        }
    }

    @Test("each operation has a description and an example, and stands on the page to read, which loads nothing")
    func isReadable() async throws {
        try await withAPI { client, _ in
            let served = try await client.executeRequest(uri: "/openapi.yaml", method: .get, headers: [:], body: nil)
            let document = try #require(try Yams.load(yaml: String(buffer: served.body)) as? [String: Any])
            let components = document["components"] as? [String: [String: Any]] ?? [:]
            let page = try await client.executeRequest(uri: "/docs", method: .get, headers: [:], body: nil)
            let text = String(buffer: page.body)
            #expect(page.status == .ok && page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(["<script", " src=", "@import", "url("].allSatisfy { !text.contains($0) })
            func examples(_ holder: Any?) -> Bool {
                var holder = holder as? [String: Any] ?? [:]
                if let name = (holder["$ref"] as? String)?.split(separator: "/").last {
                    holder = components["responses"]?[String(name)] as? [String: Any] ?? [:]
                }
                return (holder["content"] as? [String: [String: Any]] ?? [:]).values.contains {
                    $0["example"] != nil || $0["examples"] != nil
                }
            }
            for (path, operations) in try #require(document["paths"] as? [String: [String: Any]]) {
                for case (let method, let operation as [String: Any]) in operations {
                    let id = try #require(operation["operationId"] as? String)
                    #expect((operation["description"] as? String)?.isEmpty == false, "\(method) \(path)")
                    let answers = (operation["responses"] as? [String: Any] ?? [:]).filter { $0.key.hasPrefix("2") }.values
                    #expect(examples(operation["requestBody"]) || answers.contains(where: examples), "\(method) \(path)")
                    #expect(text.contains("<section id=\"\(id)\">"), "\(id)")
                }
            }
        }
    }
}
