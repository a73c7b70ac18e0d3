import Crypto
import Foundation
import Postgres
import Testing

/// What a running gate answers, over a real PostgreSQL.
@Suite(.timeLimit(.minutes(20))) struct GateTests {
    private static let states = [
        ("ready", "asleep = true", "asleep"), ("ready", "asleep = true, activity = 'falling-asleep'", "asleep"),
        ("ready", "activity = 'waking'", "starting"), ("provisioning", "", "starting"), ("ready", "activity = 'upgrading'", "changing"),
        ("ready", "activity = 'restoring'", "restoring"), ("ready", "activity = 'restoring', asleep = true", "restoring"),
        ("ready", "activity = 'backing-up'", "unavailable"),
        ("ready", "activity = 'backing-up', asleep = true", "asleep"), ("ready", "", "unavailable"), ("failed", "", "unavailable"),
        ("ready", "health = 'degraded', health_since = clock_timestamp()", "unavailable"), ("deleting", "", "unknown"),
        ("deleting", "deleted_at = clock_timestamp()", "unknown"),
    ]

    @Test("each state of a store has its word, its status and a time to come again") func states() async throws {
        try await withGate { gate in
            for (number, (status, more, state)) in Self.states.enumerated() {
                let host = "s\(number).example.com"
                try await gate.store("S\(number)", set: "status = '\(status)'" + (more.isEmpty ? "" : ", \(more)"), host: host)
                let answer = try await gate.ask(host, accept: "application/json")
                let about = Comment(rawValue: "\(status) \(more)")
                #expect(answer.status == (state == "unknown" ? 404 : 503), about)
                let told = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: String])
                #expect(told["state"] == state && told["error"]?.isEmpty == false && told.count == 2, about)
                #expect((answer.header("Retry-After").flatMap { Int($0) } != nil) == (state != "unknown"), about)
                let page = try await gate.ask(host, accept: "text/html,*/*;q=0.8")
                #expect(page.status == answer.status && page.header("Content-Type") == "text/html; charset=utf-8", about)
                #expect(page.body.contains("http-equiv=\"refresh\"") == ["starting", "changing", "restoring"].contains(state), about)
            }
        }
    }

    @Test("a store's name is text on the page, and nothing on it comes from elsewhere or may run") func escaping() async throws {
        try await withGate { gate in
            try await gate.store("<script>alert(\"1\")</script> & 'Söhne'", set: "status = 'ready', asleep = true", host: "a.example.com")
            let page = try await gate.ask("a.example.com")
            #expect(page.body.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39;"))
            #expect(!page.body.contains("<script") && !page.body.contains("http://") && !page.body.contains("https://"))
            #expect(page.body.contains("<html lang=\"en\">") && page.body.contains("<main>") && page.body.contains("<title>"))
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("style-src 'sha256-") && !policy.contains("unsafe"))
            #expect(page.header("X-Robots-Tag") == "noindex" && page.header("Cache-Control") == "no-store")
        }
    }

    @Test("the style's hash is that of the style on the page") func styleHash() async throws {
        try await withGate { gate in
            let page = try await gate.ask("a.example.com")
            let style = try #require(page.body.firstMatch(of: /(?s)<style>(.*)<\/style>/)).1
            let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
            #expect(page.header("Content-Security-Policy")?.contains("'sha256-\(hash)'") == true)
        }
    }

    @Test("every method is answered, HEAD without a body, and a large body costs nothing but its way") func methods() async throws {
        try await withGate { gate in
            try await gate.store("Acme", set: "status = 'ready', asleep = true")
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
                let answer = try await gate.ask("acme.example.com", "/any/thing?x=%ff", method: method, body: method == "POST" ? "a=b" : "")
                #expect(answer.status == 503 && answer.body.contains("Acme"), "\(method)")
            }
            let head = try await gate.ask("acme.example.com", method: "HEAD")
            #expect(head.status == 503 && head.body.isEmpty && head.header("Content-Length") != "0")
            let large = String(repeating: "x", count: 4 << 20)
            #expect(try await gate.ask("acme.example.com", method: "POST", body: large).status == 503)
        }
    }

    @Test("the host counts without its port, its case and a dot at its end") func hosts() async throws {
        try await withGate { gate in
            try await gate.store("Acme", set: "status = 'ready', asleep = true")
            for host in [
                "acme.example.com", "ACME.Example.COM", "acme.example.com:8080", "acme.example.com.", "acme.example.com.:443",
                "acme.example.com:",
            ] {
                #expect(try await gate.ask(host).status == 503, "\(host)")
            }
            try await gate.store("Bücher", set: "status = 'ready', asleep = true", host: "xn--bcher-kva.example.com")
            #expect(try await gate.ask("xn--bcher-kva.example.com").status == 503)
        }
    }

    @Test("no store has an absurd host, and PostgreSQL is not asked for one") func absurdHosts() async throws {
        try await withGate { gate in
            try await gate.store("Acme", set: "status = 'ready', asleep = true")
            // Nothing of the gate's could read it any more.
            _ = try await gate.pool.query("ALTER TABLE stores RENAME TO gone")
            let hosts = [
                "", " ", "localhost", "10.0.0.1", "10.0.0.1:80", "[::1]", "[::1]:80", "acme", "acme.example.com:x",
                "acme.example.com:123456", "a@acme.example.com", "acme.example.com/x", "acme..example.com", ".acme.example.com",
                "-acme.example.com", "acme_1.example.com", "acme.example.com'--", "bücher.example.com", "acme.example.com%00",
                "ac\u{212A}me.example.com", "\(String(repeating: "a", count: 64)).example.com",
                String(repeating: "a.", count: 130) + "com", "acme.example.com\r\nHost: other.example.com",
            ]
            for host in hosts {
                let answer = try await gate.ask(host)
                #expect(answer.status == 404 || (answer.status == 400 && answer.body.isEmpty), "\(host): \(answer.text)")
            }
            #expect(try await gate.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status == 404)
            #expect(try await gate.ask("acme.example.com:0").status == 503, "This one is asked for, and not found out")
        }
    }

    @Test(
        "who accepts JSON gets it, by what is preferred",
        arguments: [
            ("application/json", true), ("application/json, text/plain, */*", true), ("text/html, application/json;q=0.9", false),
            ("text/html;q=0.5, Application/JSON; q=0.9", true), ("application/json;q=0", false), ("*/*", false), ("application/*", false),
            ("application/json;q=x", false), (";;,,q=1", false),
        ]
    )
    func forms(accept: String, isJSON: Bool) async throws {
        try await withGate { gate in
            let answer = try await gate.ask("a.example.com", accept: accept)
            #expect(answer.status == 404 && answer.header("Vary") == "Accept")
            #expect(answer.header("Content-Type") == (isJSON ? "application/json; charset=utf-8" : "text/html; charset=utf-8"))
        }
    }

    @Test("a request whose head is too long is refused") func longHead() async throws {
        try await withGate { gate in
            let field = "X-Long: \(String(repeating: "x", count: 40_000))"
            let answer = try await gate.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\(field)\r\n\r\n")
            #expect(answer.status == 400)
        }
    }
}
