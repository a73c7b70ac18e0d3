extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits for each byte.
    package var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension StringProtocol {
    /// Whether these are so many lower-case hexadecimal digits, and nothing else.
    package func isHex(_ count: Int) -> Bool {
        utf8.count == count && utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
