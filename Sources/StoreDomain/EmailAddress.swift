/// What somebody signs in with: 3 to 200 characters with one `@` between, neither white space nor control characters. Whether it gets
/// mail is not known. Two that differ in case alone are one account's.
package struct EmailAddress: Hashable, Sendable, LosslessStringConvertible {
    package let rawValue: String

    package init?(_ text: String) {
        let trimmed = text.trimmingWhitespace()
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard (3...200).contains(trimmed.count), trimmed.utf8.count <= 400, parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            !trimmed.unicodeScalars.contains(where: { $0.isControl || $0.properties.isWhitespace })
        else { return nil }
        rawValue = trimmed
    }

    /// Whether it can be shown to people as it is. What comes from outside has to be.
    package var isPresentable: Bool { rawValue.hasVisibleCharacter && rawValue.keepsItsLine && !rawValue.hasReplacement }

    package var description: String { rawValue }
}
