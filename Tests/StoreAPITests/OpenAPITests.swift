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
}
