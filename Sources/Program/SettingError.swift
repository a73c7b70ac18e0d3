package import Configuration

/// A setting that cannot be.
package struct SettingError: Error, Sendable, CustomStringConvertible {
    /// Names the setting and says what it must be.
    package let message: String

    package init(message: String) { self.message = message }

    package var description: String { message }
}

extension ConfigReader {
    /// A whole number within the range; `standard` where it is absent or empty. Throws `SettingError`, which names the setting.
    package func number(_ key: ConfigKey, default standard: Int, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let text = string(forKey: key), !text.isEmpty else { return standard }
        guard let value = Int(text), range.contains(value) else {
            let name = key.components.joined(separator: "_").uppercased()
            throw SettingError(message: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return value
    }
}
