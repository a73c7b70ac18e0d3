/// Who owns a store: 1 to 200 characters, as the caller's `X-User-Id` or token names them. What comes from outside is to be `isPresentable`, too.
package struct UserID: Hashable, Sendable, LosslessStringConvertible {
    package let rawValue: String

    /// `nil` when the text, once trimmed, is empty, longer than 200 characters, or holds control characters.
    package init?(_ text: String) {
        if text.isPlain(maximum: 200) {
            rawValue = text
            return
        }
        let trimmed = text.trimmingWhitespace()
        guard (1...200).contains(trimmed.count), trimmed.utf8.count <= 800 else { return nil }
        guard !trimmed.unicodeScalars.contains(where: \.isControl) else { return nil }
        rawValue = trimmed
    }

    /// Whether people can tell it from others where it is shown: something is seen of it, and it leaves the line alone that it stands in.
    package var isPresentable: Bool { rawValue.hasVisibleCharacter && rawValue.keepsItsLine && !rawValue.hasReplacement }

    /// By their bytes, as PostgreSQL and Redis compare them: to Swift `é` in one character and in two are the same text.
    package static func == (one: UserID, other: UserID) -> Bool { one.rawValue.utf8.elementsEqual(other.rawValue.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in rawValue.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0xff))
    }

    package var description: String { rawValue }
}
