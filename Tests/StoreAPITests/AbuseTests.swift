import HTTPTypes
import HummingbirdTesting
import Testing

@Suite struct AbuseTests {
    @Test("a user's requests are counted, with Redis and without", arguments: [false, true])
    func countsUsers(redisAway: Bool) async throws {
        try await withAPI(["RATE_LIMIT_PER_USER": "3"], redisAway: redisAway) { client, _ in
            for _ in 0..<3 { #expect(try await me(client, "ada").status == .ok) }
            let refused = try await me(client, "ada")
            #expect(refused.status == .tooManyRequests)
            let wait = refused.headers[.retryAfter].flatMap { Int($0) }
            #expect((1...20).contains(wait ?? 0), "a rate limit of 3 a minute is back in 20 s")
            #expect(refused.error == "Too many requests. Please try again in \(wait ?? 0) s.")
            #expect(try await me(client, "eve").status == .ok, "another's rate limit is her own")
        }
    }

    @Test("an address' requests are counted for all its users; a proxy's word counts only where one is trusted", arguments: [0, 1])
    func countsAddresses(proxies: Int) async throws {
        try await withAPI(["RATE_LIMIT_PER_ADDRESS": "2", "TRUSTED_PROXIES": String(proxies)]) { client, _ in
            var statuses: [HTTPResponse.Status] = []
            for user in ["a", "b", "c"] {
                statuses.append(try await me(client, user, [.forwardedFor: "198.51.100.\(statuses.count), 192.0.2.1"]).status)
            }
            // No network, no address: without a proxy's word there is nothing to count.
            #expect(statuses == [.ok, .ok, proxies == 1 ? .tooManyRequests : .ok])
        }
    }

    @Test("slashes more than needed lead past no count", arguments: ["/api/me", "//api/me", "/api//me", "///api/me"])
    func countsAllSpellings(path: String) async throws {
        try await withAPI(["RATE_LIMIT_PER_USER": "1"]) { client, _ in
            var statuses: [HTTPResponse.Status] = []
            for _ in 0..<2 {
                statuses.append(try await client.executeRequest(uri: path, method: .get, headers: [.user: "ada"], body: nil).status)
            }
            #expect(statuses == [.ok, .tooManyRequests])
        }
    }

    @Test("refuses two users in one request")
    func refusesTwoUsers() async throws {
        try await withAPI { client, _ in
            var headers: HTTPFields = [:]
            headers[values: .user] = ["ada", "eve"]
            let response = try await client.executeRequest(uri: "/api/me", method: .get, headers: headers, body: nil)
            #expect(response.status == .badRequest)
            #expect(response.error == "Send exactly one X-User-Id header")
        }
    }

    @Test("refuses an address that is too long")
    func refusesLongAddresses() async throws {
        try await withAPI { client, _ in
            let uri = "/api/stores?q=" + String(repeating: "a", count: 5_000)
            let response = try await client.executeRequest(uri: uri, method: .get, headers: [:], body: nil)
            #expect(response.status == .uriTooLong)
        }
    }

    @Test(
        "takes a request's id only when it may stand in a log",
        arguments: [("a-1.b_2", true), ("", false), ("a b", false), ("<b>", false)]
    )
    func requestIDs(id: String, taken: Bool) async throws {
        try await withAPI { client, _ in
            let response = try await me(client, "ada", [.requestID: id])
            #expect((response.headers[.requestID] == id) == taken)
            #expect(response.headers[.requestID]?.isEmpty == false)
            #expect(response.headers[.referrerPolicy] == "no-referrer")
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test("lets the origins on the list send what the page sends")
    func preflight() async throws {
        try await withAPI(["CORS_ORIGIN": "https://a.example"]) { client, api in
            let methods = Set(api.routes.map { $0.prefix { $0 != " " } })
            for (origin, isListed) in [("https://a.example", true), ("https://b.example", false)] {
                let response = try await client.executeRequest(
                    uri: "/api/stores",
                    method: .options,
                    headers: [.origin: origin, .accessControlRequestMethod: "POST"],
                    body: nil
                )
                #expect(response.headers[.accessControlAllowOrigin] == (isListed ? origin : nil))
                let allowed = response.headers[.accessControlAllowHeaders] ?? ""
                #expect(allowed.contains("X-CSRF-Token") == isListed)
                #expect(allowed.contains("Last-Event-ID") == isListed)
                let told = (response.headers[.accessControlAllowMethods] ?? "").split(separator: ",").map { $0.drop { $0 == " " } }
                #expect(methods.isSubset(of: told) == isListed, "each route's method")
            }
        }
    }

    @Test(
        "browsers are told to stay with TLS when the outermost trusted proxy was asked by it",
        arguments: [
            (0, ["https"], false), (1, [], false), (1, ["https"], true), (1, ["HTTPS"], true), (1, ["http"], false),
            (1, ["https, http"], false), (1, ["https", "http"], false), (1, ["http,https"], true),
            (2, ["https"], true), (2, ["https, http"], true), (2, ["https, http, http"], false),
        ]
    )
    func strictTransport(proxies: Int, told: [String], isStrict: Bool) async throws {
        try await withAPI(["TRUSTED_PROXIES": String(proxies)]) { client, _ in
            for (uri, status) in [("/api/me", HTTPResponse.Status.ok), ("/api/nothing", .notFound), ("/", .ok)] {
                var headers: HTTPFields = [:]
                headers[.user] = "ada"
                headers[values: .forwardedProto] = told
                let response = try await client.executeRequest(uri: uri, method: .get, headers: headers, body: nil)
                #expect(response.status == status)
                #expect(response.headers[.strictTransportSecurity] == (isStrict ? "max-age=31536000" : nil))
            }
        }
    }

    private func me(_ client: any TestClientProtocol, _ user: String, _ more: HTTPFields = [:]) async throws -> TestResponse {
        var headers = more
        headers[.user] = user
        return try await client.executeRequest(uri: "/api/me", method: .get, headers: headers, body: nil)
    }
}

extension HTTPField.Name {
    fileprivate static let user = HTTPField.Name("X-User-Id") ?? .from
    fileprivate static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    fileprivate static let forwardedProto = HTTPField.Name("X-Forwarded-Proto") ?? .from
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For") ?? .from
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .from
}
