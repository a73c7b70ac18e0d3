import Crypto
import Foundation
import Program
import Sealing
import StoreDomain
import Testing

@Suite struct VaultTokenTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func ring(_ ids: String...) throws -> KeyRing {
        let entries = ids.map { "\($0):\(Data(repeating: UInt8($0.utf8.first ?? 0), count: 32).base64EncodedString())" }
        return try KeyRing(entries.joined(separator: ","), setting: "VAULT_KEYS")
    }

    private func token(_ right: VaultToken.Right = .append, for seconds: TimeInterval = 60) throws -> VaultToken {
        VaultToken(.repository(.store(try #require(StoreID("a00000000001")))), right: right, expiresAt: now.addingTimeInterval(seconds))
    }

    @Test("says what was signed", arguments: VaultToken.Right.allCases) func roundTrip(_ right: VaultToken.Right) throws {
        let ring = try Self.ring("a")
        let token = try token(right)
        #expect(VaultToken(verifying: token.signed(by: ring), by: ring, now: now) == token)
    }

    @Test("can stand in a URL as it is") func plainText() throws {
        let text = try token().signed(by: Self.ring("a-1"))
        #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        #expect(text.utf8.count < 128)
    }

    @Test("expires to the second") func expiry() throws {
        let ring = try Self.ring("a")
        let text = try token(for: 60.9).signed(by: ring)
        #expect(VaultToken(verifying: text, by: ring, now: now.addingTimeInterval(59.9)) != nil)
        #expect(VaultToken(verifying: text, by: ring, now: now.addingTimeInterval(60)) == nil)
    }

    @Test("no part can be changed, none added or left out") func tampering() throws {
        let ring = try Self.ring("a", "b")
        let text = try token().signed(by: ring)
        let parts = text.split(separator: ".").map(String.init)
        for (part, other) in zip(0..., ["v2", "b", "a00000000002", "prune", "1900000000", String(parts[5].reversed())]) {
            var changed = parts
            changed[part] = other
            #expect(VaultToken(verifying: changed.joined(separator: "."), by: ring, now: now) == nil)
            changed.remove(at: part)
            #expect(VaultToken(verifying: changed.joined(separator: "."), by: ring, now: now) == nil)
        }
        for other in ["", ".", text + ".", text + "=", "." + text, text.uppercased(), String(text.dropLast()), text + " ", text + text] {
            #expect(VaultToken(verifying: other, by: ring, now: now) == nil)
        }
        // The same number in other words, under the code that was given.
        #expect(VaultToken(verifying: text.replacing(".\(parts[4]).", with: ".+\(parts[4])."), by: ring, now: now) == nil)
    }

    @Test("a new key before the old one believes both; without the old one, what it signed is nothing") func rotation() throws {
        let text = try token().signed(by: Self.ring("old"))
        #expect(VaultToken(verifying: text, by: try Self.ring("new", "old"), now: now) != nil)
        #expect(VaultToken(verifying: text, by: try Self.ring("new"), now: now) == nil)
        let forged = try KeyRing("old:\(Data(repeating: 7, count: 32).base64EncodedString())", setting: "VAULT_KEYS")
        #expect(VaultToken(verifying: text, by: forged, now: now) == nil)
    }

    @Test("what signs tokens of archives signs none of repositories, with the same bytes as key; nor the other way round")
    func uses() throws {
        let ring = try Self.ring("a")
        let archive = VaultFolder.archive(.random())
        let repository = try token().folder
        func signed(_ folder: VaultFolder, as use: String) -> String {
            let text = "v1.a.\(folder).read.\(Int(now.timeIntervalSince1970) + 60)"
            let info = Data("store-weaver \(use) v1".utf8)
            let key = HKDF<SHA256>.deriveKey(inputKeyMaterial: ring.current.key, info: info, outputByteCount: 32)
            let code = Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)).base64EncodedString()
            return "\(text).\(code.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))"
        }
        for (folder, own, other) in [(archive, "archive", "vault"), (repository, "vault", "archive")] {
            #expect(VaultToken(verifying: signed(folder, as: own), by: ring, now: now)?.folder == folder)
            #expect(VaultToken(verifying: signed(folder, as: other), by: ring, now: now) == nil)
        }
    }

    @Test("key rings share what has the same bytes, whatever it is called") func shared() throws {
        let one = try Self.ring("a", "b")
        let bytes = Data(repeating: UInt8(ascii: "b"), count: 32).base64EncodedString()
        #expect(try one.shares(with: KeyRing("k1:\(bytes)", setting: "ARCHIVE_KEYS")))
        #expect(try !one.shares(with: Self.ring("c")))
    }
}
