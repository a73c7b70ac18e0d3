import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct OpenIDAuditTests {
    @Test(
        "each act of a person whose token has an empty or a strange e-mail address stands in the audit under the subject",
        arguments: ["", "   ", "ada\n@example.com", "\u{202e}@"]
    )
    func acts(email: String) async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let environment = [
                "AUTH_MODE": "oidc", "OIDC_ISSUER": issuer.issuer, "OIDC_AUDIENCE": "weaver", "OIDC_OPERATOR_GROUPS": "ops",
            ]
            try await withAPI(environment) { client, api in
                let token = try await issuer.token("k1", ["email": .text(email), "groups": .words(["ops"])])
                func send(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> TestResponse {
                    try await client.executeRequest(
                        uri: path,
                        method: method,
                        headers: [.authorization: "Bearer \(token)", .contentType: "application/json"],
                        body: body.map { ByteBuffer(string: $0) }
                    )
                }
                let created = try await send(.post, "/api/stores", #"{"name":"Acme","engine":"woocommerce"}"#)
                #expect(created.status == .accepted)
                let id = try #require(created.store["id"] as? String)
                let made = try await send(.post, "/api/auth/tokens", #"{"name":"ci","scopes":["stores:read"]}"#)
                #expect(made.status == .created)
                let tokenID = try #require((made.object["token"] as? [String: Any])?["id"] as? String)
                #expect(try await send(.delete, "/api/auth/tokens/" + tokenID).status == .ok)
                #expect(try await send(.post, "/api/admin/queue/pause", #"{"reason":"moving"}"#).status == .ok)
                #expect(try await send(.delete, "/api/stores/" + id).status == .accepted)
                let lines = try await api.pool.query("SELECT action, actor, outcome FROM audit ORDER BY id")
                #expect(
                    try lines.map { try $0["action"] as String }
                        == ["store.create", "token.create", "token.revoke", "queue.pause", "store.delete"]
                )
                #expect(try lines.allSatisfy { try $0["actor"] as String == "ada" && $0["outcome"] as String == "done" })
            }
        }
    }
}
