package import StoreDomain

/// What of the networks is the public internet, by IANA's registries of special-purpose addresses.
package enum PublicNetworks {
    private static let specialIPv4 = ranges(
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4"
    )
    /// Of IPv6 this is all that is given out for the internet, but for what follows: protocols (Teredo and ORCHID among them), documentation, 6to4.
    private static let globalIPv6 = ranges("2000::/3")
    private static let specialIPv6 = ranges("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
    /// Translators make of it the IPv4 address at its end.
    private static let translated = ranges("64:ff9b::/96")

    /// An address that holds another, as IPv4-mapped and translated ones do, is what that is.
    package static func contain(_ address: NetworkAddress) -> Bool {
        let address = meant(by: address)
        if address.bits == 32 { return !specialIPv4.contains { $0.contains(address) } }
        // ISATAP: the last four bytes are the IPv4 address that a packet is sent on to.
        guard address.bytes[9...11] != [0, 0x5e, 0xfe] else { return false }
        return globalIPv6.contains { $0.contains(address) } && !specialIPv6.contains { $0.contains(address) }
    }

    /// The IPv4 address that an IPv6 one stands for, or itself.
    static func meant(by address: NetworkAddress) -> NetworkAddress {
        guard translated.contains(where: { $0.contains(address) }) else { return address.unmapped }
        return NetworkAddress(address.bytes[12...].map { "\($0)" }.joined(separator: ".")) ?? address
    }

    private static func ranges(_ texts: String...) -> [AddressRange] { texts.compactMap { AddressRange($0) } }
}
