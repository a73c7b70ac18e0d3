// What may be in a text that people read as a name, and how the rest is shown. None of it changes what a text means to programs.

extension Unicode.Scalar {
    /// Changes the order or the lines of the text around it: Unicode's bidirectional controls (UAX #9) and its line and paragraph separators.
    package var isReordering: Bool {
        switch value {
        case 0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// Leaves ink, or a space that somebody can see is one: neither white space, nor a control, nor what is drawn as nothing.
    package var isVisible: Bool {
        if value < 0x80 { return value > 0x20 && value != 0x7f }
        // Unicode has BRAILLE PATTERN BLANK as a symbol.
        if isControl || properties.isWhitespace || properties.isDefaultIgnorableCodePoint || value == 0x2800 { return false }
        switch properties.generalCategory {
        case .format, .surrogate, .unassigned: return false
        default: return true
        }
    }
}

extension StringProtocol {
    /// Whether somebody sees anything of it.
    package var hasVisibleCharacter: Bool { unicodeScalars.contains(where: \.isVisible) }

    /// Whether it can stand in one line without changing how the rest of the line is read.
    package var keepsItsLine: Bool { !unicodeScalars.contains { $0.isControl || $0.isReordering } }

    /// Whether some of it may have been put in the place of bytes that were no UTF-8: U+FFFD. Two texts that differ in such bytes alone are one
    /// after that, so what comes from outside and names something is refused.
    package var hasReplacement: Bool {
        // Nearly all texts are ASCII, or have no byte that begins U+FFFD.
        utf8.contains(0xef) && unicodeScalars.contains("\u{fffd}")
    }
}

extension String {
    /// The same with what would change its line written as `\u{202E}`.
    package var inOneLine: String {
        if keepsItsLine { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isControl || scalar.isReordering {
                text += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
