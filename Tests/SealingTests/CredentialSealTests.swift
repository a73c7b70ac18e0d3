import Foundation
import Program
import Sealing
import StoreDomain
import StoreRecords
import Testing

@Suite struct CredentialSealTests {
    private let credentials = AdminCredentials(user: "admin", password: "s3cret-of-the-store")
    private let store = StoreID("a00000000001")
    private let other = StoreID("a00000000002")

    private static func seal(_ ids: String...) throws -> CredentialSeal {
        let entries = ids.map { "\($0):\(Data(repeating: UInt8($0.utf8.first ?? 0), count: 32).base64EncodedString())" }
        return try #require(try CredentialSeal(setting: entries.joined(separator: ",")))
    }

    @Test("opens for its own store, and never the same text twice") func roundTrip() throws {
        let store = try #require(store)
        let seal = try Self.seal("a")
        let sealed = try seal.seal(credentials, of: store)
        #expect(try seal.open(sealed, of: store) == credentials)
        #expect(try seal.seal(credentials, of: store) != sealed)
        #expect(Data(base64Encoded: sealed.text)?.range(of: Data(credentials.password.utf8)) == nil)
    }

    @Test("a row copied to another store, or changed by a byte, opens nothing") func tampering() throws {
        let (store, other) = (try #require(store), try #require(other))
        let seal = try Self.seal("a")
        let sealed = try seal.seal(credentials, of: store)
        #expect(throws: CredentialSeal.Failure.broken) { try seal.open(sealed, of: other) }
        var bytes = try #require(Data(base64Encoded: sealed.text))
        for place in [0, 12, bytes.count - 1] {
            bytes[place] ^= 1
            let changed = SealedText(key: sealed.key, text: bytes.base64EncodedString())
            #expect(throws: CredentialSeal.Failure.broken) { try seal.open(changed, of: store) }
            bytes[place] ^= 1
        }
        #expect(throws: CredentialSeal.Failure.broken) { try seal.open(SealedText(key: "a", text: "nonsense"), of: store) }
    }

    @Test("a secret opens for its own store and purpose alone") func purposes() throws {
        let (store, other) = (try #require(store), try #require(other))
        let seal = try Self.seal("a")
        let sealed = try seal.seal("pass word ü", as: .backupKey, of: store)
        #expect(try seal.open(sealed, as: .backupKey, of: store) == "pass word ü")
        #expect(throws: CredentialSeal.Failure.broken) { try seal.open(sealed, as: .backupKey, of: other) }
        #expect(throws: CredentialSeal.Failure.broken) { try seal.open(sealed, of: store) }
        let credentials = try seal.seal(credentials, of: store)
        #expect(throws: CredentialSeal.Failure.broken) { try seal.open(credentials, as: .backupKey, of: store) }
    }

    @Test("with a new key before the old one, what the old one sealed still opens; without it, it says which is missing") func rotation()
        throws
    {
        let store = try #require(store)
        let sealed = try Self.seal("old").seal(credentials, of: store)
        let both = try Self.seal("new", "old")
        #expect(try both.open(sealed, of: store) == credentials)
        #expect(try both.seal(credentials, of: store).key == "new")
        #expect(throws: CredentialSeal.Failure.unknownKey("old")) { try Self.seal("new").open(sealed, of: store) }
    }

    @Test("no setting is no seal; a wrong one is refused without being told") func settings() throws {
        #expect(try CredentialSeal(setting: nil) == nil)
        #expect(try CredentialSeal(setting: "") == nil)
        #expect { try CredentialSeal(setting: "a:c2hvcnQ=") } throws: {
            "\($0)".hasPrefix("CREDENTIALS_KEYS") && !"\($0)".contains("c2hvcnQ")
        }
    }

    @Test("credentials print as nothing that could stand in a log") func redaction() {
        #expect("\(credentials)" == "<redacted>")
        #expect(String(reflecting: credentials) == "<redacted>")
    }
}
