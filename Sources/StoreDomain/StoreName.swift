/// A shop's name as its owner wrote it: trimmed, 1 to 200 characters, without control characters.
package struct StoreName: Hashable, Sendable, CustomStringConvertible {
    package static let maximumLength = 200

    package enum Invalid: Error, Equatable {
        case empty
        case tooLong
        case controlCharacter
    }

    package let rawValue: String

    package init(_ text: String) throws(Invalid) {
        let trimmed = text.trimmingWhitespace()
        guard !trimmed.isEmpty else { throw .empty }
        guard trimmed.count <= Self.maximumLength, trimmed.utf8.count <= 4 * Self.maximumLength else { throw .tooLong }
        guard !trimmed.unicodeScalars.contains(where: \.isControl) else { throw .controlCharacter }
        rawValue = trimmed
    }

    package var description: String { rawValue }
}

extension String {
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
