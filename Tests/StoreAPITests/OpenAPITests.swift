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
}
