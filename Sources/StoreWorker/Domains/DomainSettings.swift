package import Configuration
package import Program
package import Provisioning
package import StoreDomain

/// How own domains are looked at.
package struct DomainSettings: Sendable {
    /// Resolvers; empty: those of the system.
    package var servers: [NameServer]
    /// Certificates that may be asked for in an hour; `nil`: stores have none of cert-manager's.
    package var ordersPerHour: Int?
    /// Whether a domain may lead to an address that is not public.
    package var allowsPrivateAddresses: Bool
    /// Of the ingress, for http.
    package var port: Int

    /// Reads, from the environment:
    /// - `DNS_SERVERS` (the system's): IPv4 addresses of resolvers, three at most, separated by commas, each with or without a port.
    /// - `ACME_ORDERS_PER_HOUR` (50): certificates that may be asked for in an hour, all stores together.
    /// - `DOMAINS_AT_PRIVATE_ADDRESSES` (false): whether domains may lead to private addresses and to this machine: on an internal network.
    ///
    /// `addressing`: the port of http is `INGRESS_PORT` where the stores' scheme is http. Throws `SettingError`.
    package init(reader: ConfigReader, addressing: StoreAddressing, installation: InstallationValues) throws(SettingError) {
        servers = try reader.list(
            "dns.servers",
            "IPv4 addresses, with or without a port, e.g. 192.0.2.53 or 127.0.0.1:5353",
            NameServer.init
        )
        guard servers.count <= NameServer.most else {
            throw SettingError(message: "DNS_SERVERS may name \(NameServer.most) resolvers at most")
        }
        let orders = try reader.number("acme.orders.per.hour", default: 50, in: 1...100_000)
        ordersPerHour = addressing.scheme == .https && installation.certificateIssuer != nil ? orders : nil
        allowsPrivateAddresses = try reader.flag("domains.at.private.addresses", default: false)
        port = addressing.scheme == .http ? addressing.port ?? 80 : 80
    }
}
