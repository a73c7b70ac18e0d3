import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@Suite struct BodyFuzzTests {
    @Test("any body makes a store or is refused with a text for people")
    func bodies() async throws {
        try await withAPI(["RATE_LIMIT_PER_USER": "0", "MAX_STORES": "10000", "MAX_STORES_PER_USER": "10000"]) { client, _ in
            let samples = [
                #"{"name":"Acme Electronics","engine":"woocommerce"}"#, #"{"name":"Müller & Söhne","engine":"medusa","userId":"ada"}"#,
            ]
            var counts: [Int: Int] = [:]
            for bytes in Fuzzer.cases("bodies of POST /api/stores", samples: samples, count: 400) {
                let response = try await client.executeRequest(
                    uri: "/api/stores",
                    method: .post,
                    headers: [.contentType: "application/json"],
                    body: ByteBuffer(bytes: bytes)
                )
                counts[response.status.code, default: 0] += 1
                if response.status != .accepted { #expect(response.error?.isEmpty == false) }
            }
            #expect(Set(counts.keys).isSubset(of: [202, 400, 409, 413]), "\(counts)")
            #expect(counts[202, default: 0] > 20 && counts[400, default: 0] > 20, "both ways are taken: \(counts)")
        }
    }
}
