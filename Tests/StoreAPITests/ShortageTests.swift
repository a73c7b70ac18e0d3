import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Testing

@Suite struct ShortageTests {
    @Test(
        "what PostgreSQL is out of is told in words, by the answer and the health, and no request is refused for good",
        arguments: [("53100", "disk is full"), ("53200", "out of memory"), ("53400", "limit"), ("58030", "files"), ("25006", "read-only")]
    )
    func told(state: String, words: String) async throws {
        try await withAPI { client, api in
            try await api.execute(
                SQL(
                    unsafe:
                        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '\(state)'; END $$"
                )
            )
            try await api.execute("CREATE TRIGGER refuse BEFORE INSERT ON jobs EXECUTE FUNCTION refuse()")
            func create() async throws -> TestResponse {
                try await client.executeRequest(
                    uri: "/api/stores",
                    method: .post,
                    headers: [:],
                    body: ByteBuffer(string: #"{"name":"Acme","engine":"woocommerce"}"#)
                )
            }
            let refused = try await create()
            #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] != nil)
            #expect(refused.error?.contains(words) == true)
            if state != "25006" {
                let health = try await client.executeRequest(uri: "/api/health", method: .get, headers: [:], body: nil)
                #expect((health.object["problems"] as? [String: String])?["database"]?.contains(words) == true)
            }
            try await api.execute("DROP TRIGGER refuse ON jobs")
            #expect(try await create().status == .accepted)
        }
    }
}
