package import Configuration
import Foundation
package import Program
package import StoreDomain

/// Seals where a channel leads and what proves what is sent there, for one channel each.
package struct ChannelSeal: Sendable {
    package typealias Failure = SealedBox.Failure

    /// What is sealed of a webhook.
    package struct Webhook: Codable, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// As `WebhookAddress` writes it.
        package let url: String
        package let secret: WebhookSecret

        package init(url: String, secret: WebhookSecret) {
            self.url = url
            self.secret = secret
        }

        // The rest of the address may be a secret, too.
        package var description: String { "<redacted>" }
        package var debugDescription: String { description }
    }

    /// What is sealed of a mailbox.
    package struct Mailbox: Codable, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// As `MailAddress` writes it.
        package let address: String
        /// Who has it reads what comes there: 32 hexadecimal digits.
        package let token: String

        package init(address: MailAddress) {
            self.address = address.rawValue
            token = RandomToken.make()
        }

        package var description: String { "<redacted>" }
        package var debugDescription: String { description }
    }

    /// Where a channel leads.
    package enum Target: Codable, Sendable, Equatable {
        case webhook(Webhook)
        case email(Mailbox)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let webhook = try? container.decode(Webhook.self) {
                self = .webhook(webhook)
            } else {
                self = .email(try container.decode(Mailbox.self))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            switch self {
            case .webhook(let webhook): try webhook.encode(to: encoder)
            case .email(let mailbox): try mailbox.encode(to: encoder)
            }
        }
    }

    /// A mail to one person, as it is sent.
    package struct Letter: Codable, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// As `MailAddress` writes it.
        package let to: String
        package let subject: String
        package let text: String

        package init(to: MailAddress, subject: String, text: String) {
            self.to = to.rawValue
            self.subject = subject
            self.text = text
        }

        package var description: String { "<redacted>" }
        package var debugDescription: String { description }
    }

    private let box: SealedBox

    package init(ring: KeyRing) { box = SealedBox(ring: ring, use: "store-weaver channels v1") }

    /// The id of the key that seals now.
    package var currentKey: String { box.currentKey }

    package func seal(_ target: Target, of channel: ChannelID) throws -> SealedText {
        try box.seal(JSONEncoder().encode(target), in: Self.context(channel))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, of channel: ChannelID) throws -> Target {
        let opened = try box.open(sealed, in: Self.context(channel))
        guard let target = try? JSONDecoder().decode(Target.self, from: opened) else { throw Failure.broken }
        return target
    }

    /// `id`: 32 hexadecimal digits.
    package func seal(_ letter: Letter, id: String) throws -> SealedText {
        try box.seal(JSONEncoder().encode(letter), in: Data("letter:\(id)".utf8))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, ofLetter id: String) throws -> Letter {
        let opened = try box.open(sealed, in: Data("letter:\(id)".utf8))
        guard let letter = try? JSONDecoder().decode(Letter.self, from: opened) else { throw Failure.broken }
        return letter
    }

    private static func context(_ channel: ChannelID) -> Data { Data("channel:\(channel.rawValue)".utf8) }
}

extension ConfigReader {
    /// `CHANNEL_KEYS`, which seal channels, as `CREDENTIALS_KEYS` is written; `nil`: there are none, and nobody is told anything.
    package func channelSeal() throws(SettingError) -> ChannelSeal? {
        guard let keys = text("channel.keys", isSecret: true) else { return nil }
        return ChannelSeal(ring: try KeyRing(keys, setting: "CHANNEL_KEYS"))
    }
}
