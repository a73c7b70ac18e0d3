/// A setting that cannot be.
package struct SettingError: Error, Sendable, CustomStringConvertible {
    /// Names the setting and says what it must be.
    package let message: String

    package init(message: String) { self.message = message }

    package var description: String { message }
}
