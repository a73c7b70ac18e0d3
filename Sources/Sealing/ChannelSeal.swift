package import Configuration
import Foundation
package import Program
package import StoreDomain

/// Seals where a channel leads and what signs what is sent there, for one channel each.
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

    private let box: SealedBox

    package init(ring: KeyRing) { box = SealedBox(ring: ring, use: "store-weaver channels v1") }

    /// The id of the key that seals now.
    package var currentKey: String { box.currentKey }

    package func seal(_ webhook: Webhook, of channel: ChannelID) throws -> SealedText {
        try box.seal(JSONEncoder().encode(webhook), in: Self.context(channel))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, of channel: ChannelID) throws -> Webhook {
        let opened = try box.open(sealed, in: Self.context(channel))
        guard let webhook = try? JSONDecoder().decode(Webhook.self, from: opened) else { throw Failure.broken }
        return webhook
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
