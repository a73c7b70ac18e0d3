/// A store's name as its owner wrote it: trimmed, 1 to 200 characters, without control characters. Whether anything is seen of it is asked where it
/// comes in, by `hasVisibleCharacter`: older stores may have others.
package struct StoreName: Hashable, Sendable, CustomStringConvertible {
    package static let maximumLength = 200

    package enum Invalid: Error, Equatable {
        case empty
        case tooLong
        case controlCharacter
    }

    package let rawValue: String

    package init(_ text: String) throws(Invalid) {
        if text.isPlain(maximum: Self.maximumLength) {
            rawValue = text
            return
        }
        let trimmed = text.trimmingWhitespace()
        guard !trimmed.isEmpty else { throw .empty }
        guard trimmed.count <= Self.maximumLength, trimmed.utf8.count <= 4 * Self.maximumLength else { throw .tooLong }
        guard !trimmed.unicodeScalars.contains(where: \.isControl) else { throw .controlCharacter }
        rawValue = trimmed
    }

    package var description: String { rawValue }
}

extension String {
    /// 1 to `maximum` visible ASCII characters and spaces, none of those at either end: what most names are, told without Unicode's rules.
    func isPlain(maximum: Int) -> Bool {
        let bytes = utf8
        guard let first = bytes.first, let last = bytes.last, first != 0x20, last != 0x20, bytes.count <= maximum else { return false }
        return bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    }

    func trimmingWhitespace() -> String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

extension Unicode.Scalar {
    /// Unicode's general category Cc, which is fixed for ever, without a look into its tables.
    var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}
