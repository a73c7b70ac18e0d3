import Foundation
import Identity
import Program
import Sealing
import StoreDomain
import Testing

@Suite struct SecretsTests {
    @Test("a password is found again by its hash, in whatever form of Unicode it is typed, and no other is") func passwords() async throws {
        let passwords = try Passwords()
        let hash = try await passwords.hash("Cre\u{300}me bru\u{302}le\u{301}e")
        #expect(hash.hasPrefix("scrypt$15$8$3$"))
        #expect(try await passwords.check("Crème brûlée", against: hash).matches)
        #expect(try await passwords.check("Creme brulee", against: hash).matches == false)
        #expect(try await passwords.check("Crème brûlée", against: nil).matches == false)
        #expect(try await passwords.hash("Crème brûlée") != hash)
    }

    @Test("a hash of yesterday's parameters is renewed, one of absurd parameters is refused") func parameters() async throws {
        let passwords = try Passwords()
        // By Python's hashlib.scrypt(b"secret password", salt=b"0123456789abcdef", n=1024, r=8, p=1, dklen=32).
        let old = "scrypt$10$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$xSsGZTcashLoyVgjWlR2G2dWtnHYY3bnU/9Tkw2VQYU="
        let (matches, renewed) = try await passwords.check("secret password", against: old)
        #expect(matches)
        #expect(renewed?.hasPrefix("scrypt$15$8$3$") == true)
        let costly = old.replacing("scrypt$10$", with: "scrypt$30$")
        #expect(try await passwords.check("secret password", against: costly).matches == false)
    }

    @Test("a token is read as it was written, and nothing else is one") func tokens() throws {
        let token = SecretToken.random(.api)
        #expect(SecretToken(token.text, kind: .api) == token)
        #expect(SecretToken(token.text, kind: .session) == nil)
        #expect(token.matches(token.secretHash))
        #expect(!token.matches(SecretToken.random(.api).secretHash))
        let wrong = [
            "", "swt_", token.text + "0", token.text.uppercased(), token.text.replacing("_", with: "-"), "swt_zz_\(token.secretHash)",
        ]
        for text in wrong { #expect(SecretToken(text, kind: .api) == nil, "\(text)") }
    }

    private static func keys(_ ids: [String]) throws -> KeyRing {
        let entries = ids.map { "\($0):\(Data(repeating: UInt8($0.utf8.first ?? 0), count: 32).base64EncodedString())" }
        return try KeyRing(entries.joined(separator: ","), setting: "AUTH_KEYS")
    }

    @Test("keys without an id, too short, twice the same, or none are refused without being told")
    func keyRings() throws {
        for text in ["", "a", "a:", "a:c2hvcnQ=", "a b:" + String(repeating: "A", count: 44)] {
            #expect { try KeyRing(text, setting: "AUTH_KEYS") } throws: { "\($0)".hasPrefix("AUTH_KEYS") && !"\($0)".contains("c2hvcnQ") }
        }
        #expect(throws: SettingError.self) { try Self.keys(["a", "a"]) }
    }

    @Test("what the new key signs is believed, and what an older one signed for as long as that is there") func keyRotation() async throws {
        let (ada, email) = (try #require(UserID("u1")), try #require(EmailAddress("ada@example.org")))
        let old = await SessionSigner(keys: try Self.keys(["a"]))
        let both = await SessionSigner(keys: try Self.keys(["b", "a"]))
        let new = await SessionSigner(keys: try Self.keys(["b"]))
        let token = try await old.accessToken(user: ada, email: email, role: .operator, session: "s1")
        let principal = try #require(await both.principal(of: token))
        #expect(principal.user == ada && principal.role == .operator && principal.means == .session("s1"))
        #expect(await new.principal(of: token) == nil)
        #expect(await new.principal(of: try await both.accessToken(user: ada, email: email, role: .user, session: "s1")) != nil)
        #expect(both.isAntiForgeryToken(old.antiForgeryToken(of: "s1"), of: "s1"))
        #expect(!new.isAntiForgeryToken(old.antiForgeryToken(of: "s1"), of: "s1"))
        #expect(!both.isAntiForgeryToken(old.antiForgeryToken(of: "s2"), of: "s1"))
    }

    @Test("an access token is over after its minutes, even one that was just believed") func expiry() async throws {
        let (ada, email) = (try #require(UserID("u1")), try #require(EmailAddress("ada@example.org")))
        let signer = await SessionSigner(keys: try Self.keys(["a"]))
        let token = try await signer.accessToken(user: ada, email: email, role: .user, session: "s1")
        #expect(await signer.principal(of: token) != nil)
        #expect(await signer.principal(of: token, now: Date().addingTimeInterval(SessionSigner.lifetime + 1)) == nil)
        let past = try await signer.accessToken(user: ada, email: email, role: .user, session: "s1", now: Date(timeIntervalSinceNow: -600))
        #expect(await signer.principal(of: past) == nil)
        #expect(await signer.principal(of: token.replacing(".", with: ".e")) == nil)
    }
}
