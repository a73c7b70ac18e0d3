package import Configuration
package import Program
package import Sealing

/// What the courier is told by its environment.
package struct CourierSettings: Sendable {
    package let seal: ChannelSeal
    package let policy: OutboundPolicy

    /// Reads, from the environment:
    /// - `CHANNEL_KEYS` (required): what opens the channels that the API sealed; the API has the same.
    /// - `WEBHOOK_REFUSED_NETWORKS`, `WEBHOOK_ALLOWED_NETWORKS`, `WEBHOOK_HTTP`: where webhooks may lead, see `OutboundPolicy`.
    package init(reader: ConfigReader) throws(SettingError) {
        guard let seal = try reader.channelSeal() else { throw SettingError(message: "CHANNEL_KEYS is required") }
        self.seal = seal
        policy = try OutboundPolicy(reader: reader)
    }
}
