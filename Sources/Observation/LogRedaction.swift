package import StoreDomain

/// Takes what looks like a secret out of a line of somebody's log.
///
/// A store's own secrets never pass through Helm; this is for images and charts that are careless with what they were given.
package enum LogRedaction {
    /// How much of a line is looked at and kept, in bytes.
    package static let lineLimit = 4_000

    /// The line as plain text, cut, with `<redacted>` for each secret.
    package static func redact(_ line: some StringProtocol) -> String { scan(PlainText(line.utf8, atMost: lineLimit)).text }

    /// The same, and how many bytes were looked at for it, each as often as it was: in proportion to the line's length, whatever is in it.
    package static func scan(_ line: PlainText) -> (text: String, steps: Int) {
        var scanner = SecretScanner(line)
        let text = scanner.redacted()
        return (text, scanner.steps)
    }
}
