/// A name in the DNS as RFC 1123 has it: labels of a–z, 0–9 and `-`, lower case, without a dot at the end.
package struct HostName: Sendable, Equatable {
    package let text: String

    package init?(_ text: String) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy(Self.isLabel) else { return nil }
        self.text = text
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let line = UInt8(ascii: "-")
        return (1...63).contains(label.utf8.count) && label.utf8.first != line && label.utf8.last != line
            && label.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == line }
    }
}
