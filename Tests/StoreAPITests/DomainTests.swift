import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Testing

@Suite struct DomainTests {
    private static let environment = ["LOCAL_INGRESS_SUFFIX": ".stores.example.net", "RESERVED_DOMAINS": "weaver.example.org"]

    private func withStore(_ body: @escaping @Sendable (ChangeTests.World) async throws -> Void) async throws {
        try await withAPI(Self.environment) { client, api in try await body(try await ChangeTests.World(client, api)) }
    }

    private func ask(_ world: ChangeTests.World, _ method: HTTPRequest.Method, _ path: String = "", _ body: String? = nil) async throws
        -> TestResponse
    {
        try await world.client.executeRequest(
            uri: world.path + "/domains" + path,
            method: method,
            headers: ChangeTests.ada,
            body: body.map { ByteBuffer(string: $0) }
        )
    }

    @Test("a domain is added once, with its records, and stands in the store's JSON") func adding() async throws {
        try await withStore { world in
            try await world.api.execute("UPDATE stores SET host = 'acme.stores.example.net'")
            let added = try await ask(world, .post, "", #"{"host":"Müller.example.com."}"#)
            let domain = try #require(added.object["domain"] as? [String: Any])
            #expect(added.status == .accepted && domain["host"] as? String == "xn--mller-kva.example.com")
            #expect(domain["displayName"] as? String == "müller.example.com" && domain["state"] as? String == "pending")
            let records = try #require(domain["records"] as? [[String: String]])
            try #require(records.map { $0["type"] } == ["TXT", "CNAME"])
            #expect(records[0]["name"] == "_store-weaver.xn--mller-kva.example.com" && records[0]["value"]?.hasPrefix("sw-verify=") == true)
            #expect(records[1]["name"] == "xn--mller-kva.example.com" && records[1]["value"] == "acme.stores.example.net")

            let again = try await ask(world, .post, "", #"{"host":"xn--mller-kva.example.com"}"#)
            let same = (again.object["domain"] as? [String: Any])?["records"] as? [[String: String]]
            #expect(again.status == .ok && same == records)
            let store = try await ChangeTests.get(world.client, world.path).store
            #expect((store["domains"] as? [[String: Any]])?.map { $0["host"] as? String } == ["xn--mller-kva.example.com"])
            let listed = try await ChangeTests.get(world.client, "/api/stores").object["stores"] as? [[String: Any]]
            #expect((listed?.first?["domains"] as? [[String: Any]])?.first?["state"] as? String == "pending")
            #expect((try await ask(world, .get).object["domains"] as? [Any])?.count == 1)

            // As people write it, percent-encoded.
            let removed = try await ask(world, .delete, "/m%C3%BCller.example.com")
            #expect(removed.status == .accepted && (removed.store["domains"] as? [Any])?.isEmpty == true)
            #expect(try await ask(world, .delete, "/m%C3%BCller.example.com").status == .notFound)
        }
    }

    @Test(
        "what cannot be added is refused by its field",
        arguments: [
            (#"{}"#, "required"), (#"{"host":1}"#, "wrong-type"), (#"{"host":"acme.stores.example.net"}"#, "invalid-value"),
            (#"{"host":"weaver.example.org"}"#, "invalid-value"), (#"{"host":"co.uk"}"#, "invalid-value"),
            (#"{"host":"192.0.2.1"}"#, "invalid-value"),
            (#"{"host":"shop.example.com","takeOver":"yes"}"#, "invalid-value"),
        ]
    )
    func refused(body: String, code: String) async throws {
        try await withStore { world in
            let answer = try await ask(world, .post, "", body)
            #expect(answer.status == .badRequest && answer.object["code"] as? String == code && answer.object["field"] != nil)
        }
    }

    @Test("what another store has proved is taken, without saying whose, and can be claimed all the same") func taken() async throws {
        try await withStore { world in
            _ = try await ask(world, .post, "", #"{"host":"shop.example.com"}"#)
            try await world.api.execute("UPDATE domains SET state = 'verified'")
            let other = try await ChangeTests.create(world.client, #"{"name":"Other","engine":"woocommerce"}"#)
            let path = "/api/stores/\(try #require(other.store["id"] as? String))/domains"
            func claim(_ body: String) async throws -> TestResponse {
                try await world.client.executeRequest(uri: path, method: .post, headers: ChangeTests.ada, body: ByteBuffer(string: body))
            }
            let refusal = try await claim(#"{"host":"shop.example.com"}"#)
            #expect(refusal.status == .conflict && refusal.object["code"] as? String == "taken")
            #expect(refusal.error?.contains("Acme") == false)
            #expect(try await claim(#"{"host":"shop.example.com","takeOver":true}"#).status == .accepted)
        }
    }

    @Test("only an active domain becomes the address, which cannot be removed; a check brings the next look forward") func address()
        async throws
    {
        try await withStore { world in
            _ = try await ask(world, .post, "", #"{"host":"shop.example.com"}"#)
            #expect(try await ask(world, .post, "/shop.example.com/primary").object["code"] as? String == "not-active")
            #expect(try await ask(world, .post, "/other.example.com/primary").object["code"] as? String == "domain-not-found")
            #expect(try await ask(world, .post, "/shop.example.com/check").status == .accepted)
            #expect(try await ask(world, .post, "/other.example.com/check").object["code"] as? String == "domain-not-found")
            try await world.api.execute("UPDATE domains SET state = 'active'")
            let chosen = try await ask(world, .post, "/shop.example.com/primary")
            #expect(
                chosen.status == .accepted && chosen.store["generation"] as? Int == 2 && chosen.store["activity"] as? String == "renaming"
            )
            #expect(try await ask(world, .post, "/shop.example.com/primary").status == .ok)
            #expect(try await ask(world, .delete, "/shop.example.com").object["code"] as? String == "primary")
        }
    }
}
