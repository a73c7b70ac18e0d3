import Postgres
import Testing

/// How the gate says that a host leads here, and what it knows of hosts that owners brought along.
@Suite struct ProofTests {
    private static let token = "5d41402abc4b2a76b9719d911017c592"

    @Test("a token is answered with its proof under any host, and nothing else is") func proof() async throws {
        try await withGate { gate in
            for host in ["shop.example.com", "nobody.example.com", "shop.example.com:8080"] {
                let answer = try await gate.ask(host, "/.well-known/store-weaver/\(Self.token)")
                #expect(answer.status == 200 && answer.body == "sw-verify=\(Self.token)\n")
                #expect(
                    answer.header("Content-Type") == "text/plain; charset=utf-8" && answer.header("X-Content-Type-Options") == "nosniff"
                )
            }
            for path in ["", "abc", Self.token.uppercased(), Self.token + "0", Self.token + "/", "%3Cscript%3E"] {
                #expect(try await gate.ask("shop.example.com", "/.well-known/store-weaver/\(path)").status == 404)
            }
        }
    }

    @Test("a host that a store proved is the store's, one that is only claimed is nobody's") func ownHosts() async throws {
        try await withGate { gate in
            try await gate.store("Acme", set: "status = 'ready', asleep = true")
            func claim(_ host: String, _ state: String) async throws {
                _ = try await gate.pool.query(
                    """
                    INSERT INTO domains (store_id, host, token, state)
                    SELECT id, \(host), \(Self.token), \(state) FROM stores
                    """
                )
            }
            try await claim("shop.example.org", "active")
            try await claim("new.example.org", "verified")
            try await claim("claimed.example.org", "pending")
            for host in ["shop.example.org", "new.example.org"] {
                #expect(try await gate.ask(host).body.contains("Acme"))
            }
            #expect(try await gate.ask("claimed.example.org").status == 404)
        }
    }
}
