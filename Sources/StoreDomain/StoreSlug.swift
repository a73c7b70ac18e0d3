import Foundation

/// What follows `store-` in a namespace's name, and the first label of a store's host: 1 to 40 of a–z, 0–9 and `-`, which is at neither end.
package struct StoreSlug: Hashable, Sendable, LosslessStringConvertible {
    /// Leaves room for the prefix, a suffix of 7 and, in host names, labels that charts put before it.
    package static let maximumLength = 40

    package let rawValue: String

    /// `nil` for what is no slug as it stands.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...Self.maximumLength).contains(bytes.count), bytes.first != Self.line, bytes.last != Self.line,
            bytes.allSatisfy({ Self.isPlain($0) || $0 == Self.line })
        else { return nil }
        rawValue = text
    }

    /// Any text's: in Latin letters without marks (ICU's Any-Latin and Latin-ASCII), lower case; each run of other characters becomes one `-`;
    /// none at either end; `store` where nothing is left.
    package init(of text: String) {
        var slug: [UInt8] = []
        let letters = text.utf8.allSatisfy { $0 < 0x80 } ? text : text.applyingTransform(Self.toASCII, reverse: false) ?? text
        for byte in letters.utf8 {
            let byte = (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
            if Self.isPlain(byte) { slug.append(byte) } else if !slug.isEmpty, slug.last != Self.line { slug.append(Self.line) }
        }
        slug = Array(slug.prefix(Self.maximumLength))
        while slug.last == Self.line { slug.removeLast() }
        rawValue = slug.isEmpty ? "store" : String(decoding: slug, as: UTF8.self)
    }

    package var description: String { rawValue }

    private static let toASCII = StringTransform("Any-Latin; Latin-ASCII")
    private static let line = UInt8(ascii: "-")

    private static func isPlain(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) }
}
