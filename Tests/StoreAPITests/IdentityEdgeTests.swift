import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import StoreDomain
import StoreRecords
import Testing

@testable import StoreAPI

@Suite struct IdentityEdgeTests {
    @Test("a session's cookies are this host's alone, and two of a kind are nobody's")
    func hostCookies() async throws {
        try await withAPI(Browser.accounts.merging(["COOKIE_SECURE": "true"]) { $1 }) { client, _ in
            let ada = Browser(client)
            try await ada.signUp("ada@example.com")
            #expect(Set(ada.cookies.keys) == ["__Host-sw_access", "__Host-sw_refresh"])
            let token = try #require(ada.cookies["__Host-sw_access"])
            func ask(_ cookies: String) async throws -> TestResponse {
                try await client.executeRequest(uri: "/api/me", method: .get, headers: [.cookie: cookies], body: nil)
            }
            #expect(try await ask("__Host-sw_access=\(token)").status == .ok)
            // By its old name anybody below the domain could have set it.
            #expect(try await ask("sw_access=\(token)").status == .unauthorized)
            for cookies in ["__Host-sw_access=\(token); __Host-sw_access=x", "__Host-sw_access=x; __Host-sw_access=\(token)"] {
                let refused = try await ask(cookies)
                #expect(refused.status == .badRequest && refused.object["code"] as? String == "given-twice")
            }
        }
    }

    @Test(
        "without TLS people sign in at localhost alone",
        arguments: [
            ("localhost:3000", true), ("weaver.localhost", true), ("127.0.0.1:3000", true), ("[::1]:3000", true), ("LOCALHOST", true),
            ("weaver.example.com", false), ("192.0.2.7", false), ("localhost.example.com", false), ("127.0.0.1.example.com", false),
            ("", false),
        ]
    )
    func plainHTTP(host: String, isLocal: Bool) { #expect(SessionCookies.isLocal(host) == isLocal) }

    @Test(
        "a proxy that writes the client's port is understood",
        arguments: ["203.0.113.1:4711", "203.0.113.1", "[2001:db8::1]:4711", "2001:db8::1", "[2001:db8::1]", "\"[2001:db8::1]:80\""]
    )
    func ports(address: String) async throws {
        try await withAPI(["RATE_LIMIT_PER_ADDRESS": "1", "TRUSTED_PROXIES": "1"]) { client, _ in
            let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
            func ask(_ address: String) async throws -> HTTPResponse.Status {
                try await client.executeRequest(uri: "/api/me", method: .get, headers: [forwarded: address], body: nil).status
            }
            #expect(try await ask(address) == .ok)
            #expect(try await ask(address) == .tooManyRequests)
            #expect(try await ask("198.51.100.9:1") == .ok, "another client's rate limit is its own")
        }
    }

    @Test(
        "who acts has a name in the audit, in one line, whatever was told",
        arguments: [("", "nobody"), ("\u{200b}", "nobody"), ("a\nb", "a\\u{A}b"), ("ada\u{202e}gpj", "ada\\u{202E}gpj"), ("ada", "ada")]
    )
    func actors(name: String, told: String) {
        #expect(Operator(name: name, source: .api).name == told)
    }

    @Test("what stands in the audit from before is exported in one line")
    func export() async throws {
        try await withAPI(["ADMIN_TOKEN": "0123456789abcdef"]) { client, api in
            try await api.execute("INSERT INTO audit (actor, source, action, outcome) VALUES (\("ev\u{202e}il"), 'api', 'x.y', 'done')")
            for path in ["/api/admin/audit", "/api/admin/audit/export"] {
                let answer = try await client.executeRequest(
                    uri: path,
                    method: .get,
                    headers: [.authorization: "Bearer 0123456789abcdef"],
                    body: nil
                )
                let text = String(buffer: answer.body)
                #expect(!text.contains("\u{202e}") && text.contains("u{202E}"))
            }
        }
    }

    @Test("names that only look alike to Swift are two users") func users() throws {
        let (one, other) = (try #require(UserID("é")), try #require(UserID("e\u{301}")))
        #expect(one != other && Set([one, other]).count == 2)
    }
}
