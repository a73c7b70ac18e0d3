import Crypto
import Foundation
import Identity
import Program
import Sealing
import StoreDomain
import TestSupport
import Testing

@Suite struct TokenFuzzTests {
    private static let keys = "k1:\(Data(repeating: 7, count: 32).base64EncodedString())"

    @Test("any text is nobody's access token, or says what was signed")
    func accessTokens() async throws {
        let signer = await SessionSigner(keys: try KeyRing(Self.keys, setting: "AUTH_KEYS"))
        let ada = try #require(UserID("ada"))
        let email = try #require(EmailAddress("ada@example.org"))
        let signed = try await signer.accessToken(user: ada, email: email, role: .user, session: "s")
        let none = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString().replacing("=", with: "")
        let samples = [signed, ([none] + signed.split(separator: ".").dropFirst().map(String.init)).joined(separator: ".")]
        var believed = 0
        for bytes in Fuzzer.cases("access tokens", samples: samples, count: 2_000) {
            guard let principal = await signer.principal(of: String(decoding: bytes, as: UTF8.self)) else { continue }
            believed += 1
            #expect(principal.user == ada && principal.role == .user)
        }
        #expect((50...1_000).contains(believed), "unchanged ones are believed, others are not: \(believed) of 2000")
    }

    @Test("any text is no token for scripts, or reads as it was written")
    func secretTokens() {
        var known = 0
        let sample = "swt_0123456789abcdef_" + String(repeating: "0123456789abcdef", count: 4)
        Fuzzer.run("tokens for scripts", samples: [sample], count: 4_000) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let token = SecretToken(text, kind: .api) else { return }
            known += 1
            #expect(token.text == text)
        }
        #expect((400...3_600).contains(known), "both ways are taken: \(known) of 4000")
    }

    @Test("any text is a ring of keys or a setting's error, and the error does not tell the keys")
    func keyRings() {
        var known = 0
        let key = Data(repeating: 7, count: 32).base64EncodedString()
        Fuzzer.run("rings of keys", samples: [Self.keys, "b:\(key),a:\(key)"], count: 4_000) { bytes in
            do throws(SettingError) {
                let ring = try KeyRing(String(decoding: bytes, as: UTF8.self), setting: "AUTH_KEYS")
                known += 1
                #expect(!ring.all.isEmpty && Set(ring.all.map(\.id)).count == ring.all.count)
                #expect(ring.all.allSatisfy { $0.key.bitCount >= 256 })
            } catch {
                #expect(error.message.hasPrefix("AUTH_KEYS must be keys") && !error.message.contains(key.prefix(12)))
            }
        }
        #expect((400...3_600).contains(known), "both ways are taken: \(known) of 4000")
    }
}
