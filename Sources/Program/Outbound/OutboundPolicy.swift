package import Configuration
package import StoreDomain

/// Where webhooks may lead.
package struct OutboundPolicy: Sendable {
    package let allowsPlainHTTP: Bool
    private let allowed: [AddressRange]
    private let refused: [AddressRange]

    package init(allowsPlainHTTP: Bool = false, allowed: [AddressRange] = [], refused: [AddressRange] = []) {
        self.allowsPlainHTTP = allowsPlainHTTP
        self.allowed = allowed
        self.refused = refused
    }

    /// Reads, from the environment:
    /// - `WEBHOOK_REFUSED_NETWORKS` (none): public networks that no webhook may lead to, such as the cluster's own, separated by commas.
    /// - `WEBHOOK_ALLOWED_NETWORKS` (none): networks that are not public, and that webhooks may lead to.
    /// - `WEBHOOK_HTTP` (false): `http` addresses are taken, too. What is sent there can be read on the way.
    package init(reader: ConfigReader) throws(SettingError) {
        allowsPlainHTTP = try reader.flag("webhook.http", default: false)
        let form = "addresses or networks such as 10.42.0.0/16"
        allowed = try reader.list("webhook.allowed.networks", form, AddressRange.init)
        refused = try reader.list("webhook.refused.networks", form, AddressRange.init)
    }

    package func permits(_ address: NetworkAddress) -> Bool {
        let meant = PublicNetworks.meant(by: address)
        if refused.contains(where: { $0.contains(meant) }) { return false }
        return PublicNetworks.contain(address) || allowed.contains { $0.contains(meant) }
    }
}
