/// An e-mail address that mail is sent to: one `@`, before it at most 64 of the letters that need no quotes, behind it a host with a dot in
/// its name, in ASCII. No more than 254 characters. Whether it gets mail is not known.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package static let form = "an e-mail address such as ada@example.com, in ASCII"

    package init?(_ text: String) {
        let trimmed = text.trimmingWhitespace()
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard trimmed.utf8.count <= 254, parts.count == 2, parts[0].wholeMatch(of: /[A-Za-z0-9!#$%&'*+\/=?^_`{|}~.\-]{1,64}/) != nil,
            !parts[0].hasPrefix("."), !parts[0].hasSuffix("."), !parts[0].contains(".."),
            let host = HostName(parts[1].lowercased()), host.text.contains(".")
        else { return nil }
        rawValue = "\(parts[0])@\(host.text)"
    }

    package var description: String { rawValue }
}
