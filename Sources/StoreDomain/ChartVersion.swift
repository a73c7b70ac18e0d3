/// A version of a chart by Semantic Versioning 2.0, e.g. `1.2.0` or `1.3.0-rc.1`, without build metadata.
package struct ChartVersion: Hashable, Sendable, Comparable, LosslessStringConvertible {
    package let rawValue: String
    private let numbers: [Int]
    private let prerelease: [String]

    package init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { Self.number($0) }
        guard text.utf8.count <= 64, numbers.count == 3, !numbers.contains(nil) else { return nil }
        let words = parts.count == 2 ? parts[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init) : []
        guard words.allSatisfy(Self.isWord) else { return nil }
        rawValue = text
        self.numbers = numbers.compactMap(\.self)
        prerelease = words
    }

    package var description: String { rawValue }

    package static func < (left: ChartVersion, right: ChartVersion) -> Bool {
        guard left.numbers == right.numbers else { return left.numbers.lexicographicallyPrecedes(right.numbers) }
        // A version comes after what led to it.
        if left.prerelease.isEmpty || right.prerelease.isEmpty { return !left.prerelease.isEmpty && right.prerelease.isEmpty }
        return left.prerelease.lexicographicallyPrecedes(right.prerelease) { before($0, $1) }
    }

    /// Numbers stand before words (SemVer 11.4).
    private static func before(_ left: String, _ right: String) -> Bool {
        switch (Int(left), Int(right)) {
        case (let left?, let right?): left < right
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left < right
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0"
        else {
            return nil
        }
        return Int(text)
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}
