package import Configuration

/// A setting that cannot be.
package struct SettingError: Error, Sendable, CustomStringConvertible {
    /// Names the setting and says what it must be.
    package let message: String

    package init(message: String) { self.message = message }

    package var description: String { message }
}

extension ConfigReader {
    /// `true` or `false`; `standard` where it is absent or empty. Throws `SettingError`, which names the setting.
    package func flag(_ key: ConfigKey, default standard: Bool) throws(SettingError) -> Bool {
        guard let text = string(forKey: key), !text.isEmpty else { return standard }
        guard let value = Bool(text) else { throw SettingError(message: "\(Self.name(of: key)) must be true or false, not \"\(text)\"") }
        return value
    }

    /// A whole number within the range; `standard` where it is absent or empty. Throws `SettingError`, which names the setting.
    package func number(_ key: ConfigKey, default standard: Int, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let text = string(forKey: key), !text.isEmpty else { return standard }
        guard let value = Int(text), range.contains(value) else {
            let range = "from \(range.lowerBound) to \(range.upperBound)"
            throw SettingError(message: "\(Self.name(of: key)) must be a number \(range), not \"\(text)\"")
        }
        return value
    }

    private static func name(of key: ConfigKey) -> String { key.components.joined(separator: "_").uppercased() }
}
