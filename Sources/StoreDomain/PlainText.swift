/// Somebody else's text (a container's, the cluster's, Helm's) as it may be kept and shown: valid UTF-8 of a bounded size, without NUL
/// and other control characters, without terminals' escape sequences, and without the marks that turn the direction of writing.
/// Tabs and line ends stay. Takes time in proportion to what it keeps, whatever comes.
package struct PlainText: Sendable, Equatable {
    package let text: String
    /// There was more than `limit` bytes.
    package let isCut: Bool

    /// Looks at the first `limit` bytes only.
    package init(_ bytes: some Collection<UInt8>, atMost limit: Int) {
        let kept = bytes.prefix(limit)
        isCut = kept.endIndex != bytes.endIndex
        var decoded = String(decoding: kept, as: UTF8.self)
        // A character that was cut in two.
        if isCut, decoded.unicodeScalars.last == "\u{fffd}" { decoded.unicodeScalars.removeLast() }
        text = decoded.utf8.allSatisfy { (0x20..<0x7f).contains($0) } ? decoded : Self.tamed(decoded)
    }

    /// Where a terminal would be within a sequence: ECMA-48.
    private enum Place {
        case text
        case escape
        /// `ESC [ … letter`
        case control
        /// `ESC ] …` and its like, ended by BEL, ST or the end of the line.
        case command
    }

    private static func tamed(_ text: String) -> String {
        var kept = ""
        kept.reserveCapacity(text.utf8.count)
        var place = Place.text
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value == 0x0a { place = .text }
            switch place {
            case .command:
                if value == 0x07 || value == 0x9c { place = .text }
                if value == 0x1b { place = .escape }
            case .control:
                if !(0x20...0x3f).contains(value) { place = value == 0x1b ? .escape : .text }
            case .escape:
                switch value {
                case 0x5b: place = .control
                case 0x5d, 0x50, 0x58, 0x5e, 0x5f: place = .command
                case 0x1b, 0x20...0x2f: break
                default: place = .text
                }
            case .text:
                switch value {
                case 0x1b: place = .escape
                case 0x9b: place = .control
                case 0x9d, 0x90, 0x98, 0x9e, 0x9f: place = .command
                case 0x09, 0x0a: kept.unicodeScalars.append(scalar)
                case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069: break
                default: kept.unicodeScalars.append(scalar)
                }
            }
        }
        return kept
    }
}

extension StringProtocol {
    /// The same text, plain, with at most `limit` bytes; what was cut ends with an ellipsis.
    package func plain(atMost limit: Int) -> String {
        let plain = PlainText(utf8, atMost: limit)
        return plain.isCut ? plain.text + "…" : plain.text
    }
}
