/// A backup's identity: 12 lower-case hexadecimal digits.
package struct BackupID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` unless `text` is 12 lower-case hex digits.
    package init?(_ text: String) {
        guard text.isHex(12) else { return nil }
        rawValue = text
    }

    private init(trusted text: String) { rawValue = text }

    /// A fresh identity: 16¹² possibilities from the system's generator.
    package static func random() -> BackupID { BackupID(trusted: String(RandomToken.make().prefix(12))) }

    package var description: String { rawValue }
}
