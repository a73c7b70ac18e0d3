package import StoreDomain

/// One address, or a network as `10.42.0.0/16` or `fd00::/8`.
package struct AddressRange: Sendable, Equatable {
    private let bytes: [UInt8]
    private let bits: Int

    /// `nil` for what is neither.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = NetworkAddress(String(parts[0]))?.unmapped.bytes else { return nil }
        let bits = parts.count == 2 ? Int(parts[1]) : bytes.count * 8
        guard let bits, (0...bytes.count * 8).contains(bits) else { return nil }
        (self.bytes, self.bits) = (bytes, bits)
    }

    package func contains(_ address: String) -> Bool { NetworkAddress(address).map(contains) ?? false }

    package func contains(_ address: NetworkAddress) -> Bool {
        let other = address.unmapped.bytes
        guard other.count == bytes.count else { return false }
        let whole = bits / 8
        guard bytes[..<whole] == other[..<whole] else { return false }
        guard bits % 8 > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
        return bytes[whole] & mask == other[whole] & mask
    }
}
