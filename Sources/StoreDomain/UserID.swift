/// Who owns a store: 1 to 200 visible characters, as the caller's `X-User-Id` or token names them.
package struct UserID: Hashable, Sendable, CustomStringConvertible {
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

    package var description: String { rawValue }
}
