/// A store's identity: 12 lower-case hexadecimal digits of which the first is a letter (a–f).
///
/// It is also the Helm release name and the prefix of Service names, which must begin with a letter (DNS-1035).
package struct StoreID: Hashable, Sendable, LosslessStringConvertible {
    package let rawValue: String

    /// `nil` unless `text` is 12 lower-case hex digits beginning with a letter.
    package init?(_ text: String) {
        guard text.isHex(12), let first = text.utf8.first, (0x61...0x66).contains(first) else { return nil }
        rawValue = text
    }

    private init(trusted text: String) { rawValue = text }

    /// A fresh identity: 6 × 16¹¹ ≈ 10¹⁴ possibilities from the system's generator.
    package static func random(using generator: inout some RandomNumberGenerator) -> StoreID {
        let number = UInt64.random(in: 0xa000_0000_0000...0xffff_ffff_ffff, using: &generator)
        return StoreID(trusted: String(number, radix: 16))
    }

    package static func random() -> StoreID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    package var description: String { rawValue }
}
