import Foundation
import Program
import Sealing
import StoreDomain
import Testing

/// Where a channel leads, sealed.
@Suite struct ChannelSealTests {
    private static func ring(_ ids: String...) throws -> KeyRing {
        let keys = ids.map { "\($0):" + Data(repeating: $0.utf8.first ?? 0, count: 32).base64EncodedString() }
        return try KeyRing(keys.joined(separator: ","), setting: "CHANNEL_KEYS")
    }

    private let webhook = ChannelSeal.Webhook(url: "https://hooks.example.com/s3cret", secret: .random())
    private let channel = ChannelID.random()

    @Test("what is sealed for a channel opens for that channel, by its key alone") func sealing() throws {
        let seal = ChannelSeal(ring: try Self.ring("a"))
        let sealed = try seal.seal(.webhook(webhook), of: channel)
        #expect(try seal.open(sealed, of: channel) == .webhook(webhook))
        #expect(throws: ChannelSeal.Failure.broken) { try seal.open(sealed, of: .random()) }
        #expect(try ChannelSeal(ring: Self.ring("b", "a")).open(sealed, of: channel) == .webhook(webhook))
        #expect(throws: ChannelSeal.Failure.unknownKey("a")) { try ChannelSeal(ring: Self.ring("b")).open(sealed, of: channel) }
    }

    @Test("a mailbox is sealed with what proves who reads it, and is no webhook") func mailbox() throws {
        let seal = ChannelSeal(ring: try Self.ring("a"))
        let mailbox = ChannelSeal.Mailbox(address: try #require(MailAddress("ada@example.com")))
        #expect(try seal.open(seal.seal(.email(mailbox), of: channel), of: channel) == .email(mailbox))
        #expect(mailbox.token.isHex(32) && "\(mailbox)" == "<redacted>")
        #expect(ChannelSeal.Mailbox(address: try #require(MailAddress("ada@example.com"))).token != mailbox.token)
    }

    @Test("the same key under another setting opens no channel") func uses() throws {
        let store = try #require(StoreID("a1b2c3d4e5f6"))
        let sealed = try CredentialSeal(ring: Self.ring("a")).seal("text", as: .backupKey, of: store)
        #expect(throws: ChannelSeal.Failure.broken) { try ChannelSeal(ring: Self.ring("a")).open(sealed, of: channel) }
    }

    @Test("a secret is not printed, and one that is too short is none") func secrets() throws {
        #expect("\(webhook) \(webhook.secret)" == "<redacted> <redacted>" && !String(reflecting: [webhook]).contains("s3cret"))
        for text in ["whsec_c2hvcnQ=", "c2VjcmV0", ""] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode([WebhookSecret].self, from: JSONEncoder().encode([text])) }
        }
    }
}
