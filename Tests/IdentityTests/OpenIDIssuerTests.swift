import Foundation
import Hummingbird
import Identity
import JWTKit
import Logging
import NIOCore
import StoreDomain
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct OpenIDIssuerTests {
    private static func subject(_ issuer: LocalIssuer, groups: String = "groups", slash: String = "") -> OpenIDIssuer {
        OpenIDIssuer(
            configuration: .init(
                issuer: issuer.issuer + slash,
                audience: "weaver",
                groupsClaim: groups,
                operatorGroups: ["ops"],
                adminGroups: ["root"]
            ),
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("knows the user, and the role by the groups") func roles() async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let subject = Self.subject(issuer)
            for (groups, role) in [([], .user), (["staff"], .user), (["staff", "ops"], .operator), (["ops", "root"], .admin)]
                as [([String], Role)]
            {
                let principal = try await subject.principal(
                    of: try await issuer.token("k1", ["groups": .words(groups), "aud": .words(["x", "weaver"])])
                )
                #expect(principal.user == UserID("ada") && principal.role == role && principal.means == .bearer)
                #expect(principal.expiresAt != nil)
            }
            #expect(issuer.state.withLock { $0.fetches } == 1)
        }
    }

    @Test("knows keys and tokens without a name, whichever of the two has none", arguments: [false, true]) func unnamed(isTerse: Bool)
        async throws
    {
        let issuer = LocalIssuer()
        issuer.publish(["k1", "k2", "k3"])
        issuer.state.withLock { $0.isTerse = isTerse }
        try await issuer.run { issuer in
            let subject = Self.subject(issuer)
            for id in ["k1", "k2", "k3"] {
                let known = try await subject.principal(of: try await issuer.token(id, kid: ""))
                #expect(known.user == UserID("ada"))
            }
            if isTerse {
                let known = try await subject.principal(of: try await issuer.token("k2"))
                #expect(known.user == UserID("ada"))
            }
            let stranger = try await issuer.token("k9", kid: "")
            await #expect(throws: OpenIDIssuer.Refusal.invalid("Wrong signature")) {
                try await subject.principal(of: stranger)
            }
        }
    }

    @Test("finds the role at the end of a path, and a claim whose own name has dots") func paths() async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let nested: TokenClaim = .members(["roles": .words(["root"])])
            let byPath = Self.subject(issuer, groups: "realm_access.roles")
            let admin = try await byPath.principal(of: try await issuer.token("k1", ["realm_access": nested]))
            #expect(admin.role == .admin)
            let flat = try await byPath.principal(of: try await issuer.token("k1", ["realm_access": .words(["root"])]))
            #expect(flat.role == .user)
            let byName = Self.subject(issuer, groups: "https://a.example/roles")
            let named = try await byName.principal(of: try await issuer.token("k1", ["https://a.example/roles": .words(["ops"])]))
            #expect(named.role == .operator)
        }
    }

    @Test("says which issuer is set and which came, be it by a slash") func misnamed() async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let token = try await issuer.token("k1")
            let subject = Self.subject(issuer, slash: "/")
            for _ in 1...2 {
                await #expect { try await subject.principal(of: token) } throws: { error in
                    guard case OpenIDIssuer.Refusal.misnamed(let why) = error else { return false }
                    return why.contains("OIDC_ISSUER is \(issuer.issuer)/,") && why.contains("calls itself \(issuer.issuer):")
                }
            }
            let foreign = try await issuer.token("k1", ["iss": .text(issuer.issuer + "/")])
            await #expect { try await Self.subject(issuer).principal(of: foreign) } throws: { error in
                guard case OpenIDIssuer.Refusal.invalid(let why) = error else { return false }
                return why.contains("\(issuer.issuer)/'s") && why.contains("those of \(issuer.issuer) count")
            }
        }
    }

    @Test(
        "who acts is the subject, whatever the e-mail claim has",
        arguments: ["", " ", "ada\u{202e}@example.com", "ada\n@example.com", "eve@example.com"]
    )
    func actor(email: String) async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let principal = try await Self.subject(issuer).principal(of: try await issuer.token("k1", ["email": .text(email)]))
            #expect(principal.auditName == "ada")
            #expect(principal.name == (email.hasPrefix("eve") ? email : nil))
            for subject in ["", "\u{200b}", "a\u{202e}b", "a\nb"] {
                let token = try await issuer.token("k1", ["sub": .text(subject)])
                await #expect(throws: OpenIDIssuer.Refusal.self) { try await Self.subject(issuer).principal(of: token) }
            }
        }
    }

    @Test(
        "a token whose header or claims have a member twice is refused by its name",
        arguments: [
            (#"{"alg":"ES256","kid":"k1","kid":"k2"}"#, #"{"sub":"ada"}"#, "kid"),
            (#"{"alg":"ES256"}"#, #"{"sub":"ada","iss":"x","sub":"eve"}"#, "sub"),
            (#"{"alg":"ES256"}"#, #"{"sub":"ada","realm_access":{"roles":[],"r\u006fles":["root"]}}"#, "roles"),
        ]
    )
    func repeated(header: String, claims: String, name: String) async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let parts = [header, claims, "signature"].map {
                Data($0.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            }
            await #expect { try await Self.subject(issuer).principal(of: parts.joined(separator: ".")) } throws: {
                "\($0)".contains("has \(name) twice")
            }
        }
    }

    @Test("refuses what is over, for others, by others, signed by others, or by nobody") func refusals() async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        try await issuer.run { issuer in
            let subject = Self.subject(issuer)
            let header = Data(#"{"alg":"none","kid":"k1"}"#.utf8).base64EncodedString().replacing("=", with: "")
            let good = try await issuer.token("k1")
            let parts = good.split(separator: ".")
            let tokens: [(String, String)] = [
                ("over", try await issuer.token("k1", ["exp": .number(Date().timeIntervalSince1970 - 120)])),
                ("without an end", try await issuer.token("k1", without: ["exp"])),
                ("not valid yet", try await issuer.token("k1", ["nbf": .number(Date().timeIntervalSince1970 + 600)])),
                ("for somebody else", try await issuer.token("k1", ["aud": .text("other")])),
                ("another issuer's", try await issuer.token("k1", ["iss": .text("http://evil.example")])),
                ("without a user", try await issuer.token("k1", without: ["sub"])),
                ("signed by another key", try await issuer.token("other", kid: "k1")),
                ("signed by a key that is not published", try await issuer.token("k2")),
                ("signed by nobody", "\(header).\(parts[1])."),
                ("changed", "\(parts[0]).\(parts[1])A.\(parts[2])"),
                ("no token", "a.b.c"), ("nothing", ""),
            ]
            for (name, token) in tokens {
                await #expect(throws: OpenIDIssuer.Refusal.self, "\(name)") { try await subject.principal(of: token) }
            }
            _ = try await subject.principal(of: good)
        }
    }

    @Test("learns a new key by itself, and goes on with the keys it has when the issuer is away") func rotation() async throws {
        let issuer = LocalIssuer()
        issuer.publish(["k1"])
        let subject = Mutex<OpenIDIssuer?>(nil)
        let good = Mutex("")
        try await issuer.run { issuer in
            // Too soon after the first fetch an unknown key is not looked for: whoever sends nonsense cannot make us ask and ask.
            let first = Self.subject(issuer)
            _ = try await first.principal(of: try await issuer.token("k1"))
            for _ in 1...5 {
                let unknown = try await issuer.token("k9")
                await #expect(throws: OpenIDIssuer.Refusal.self) { try await first.principal(of: unknown) }
            }
            #expect(issuer.state.withLock { $0.fetches } == 1)
            issuer.publish(["k2"])
            let second = Self.subject(issuer)
            _ = try await second.principal(of: try await issuer.token("k2"))
            let token = try await issuer.token("k2")
            good.withLock { $0 = token }
            subject.withLock { $0 = second }
        }
        let known = try #require(subject.withLock { $0 })
        #expect(try await known.principal(of: good.withLock { $0 }).user == UserID("ada"))
        let away = Self.subject(issuer)
        await #expect(throws: OpenIDIssuer.Refusal.self) { try await away.principal(of: good.withLock { $0 }) }
    }
}
