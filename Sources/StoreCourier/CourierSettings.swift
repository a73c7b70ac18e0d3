package import Configuration
package import Program
package import Sealing
package import StoreDomain

/// What the courier is told by its environment.
package struct CourierSettings: Sendable {
    package let seal: ChannelSeal
    package let policy: OutboundPolicy
    /// What mail is sent by, and the address of the page that it leads to; `nil`: none is sent.
    package let mail: (server: MailServer, page: String)?

    /// Reads, from the environment:
    /// - `CHANNEL_KEYS` (required): what opens the channels that the API sealed; the API has the same.
    /// - `WEBHOOK_REFUSED_NETWORKS`, `WEBHOOK_ALLOWED_NETWORKS`, `WEBHOOK_HTTP`: where webhooks may lead, see `OutboundPolicy`.
    /// - `SMTP_…`: what mail is sent by, see `MailServer.init(reader:)`; without `DASHBOARD_URL` none is.
    /// - `DASHBOARD_URL`: the address of the page that mails lead to, such as `https://weaver.example.com`.
    package init(reader: ConfigReader) throws(SettingError) {
        guard let seal = try reader.channelSeal() else { throw SettingError(message: "CHANNEL_KEYS is required") }
        self.seal = seal
        policy = try OutboundPolicy(reader: reader)
        let page = try reader.dashboardURL()
        mail = try MailServer(reader: reader).flatMap { server in page.map { (server, $0) } }
    }
}
