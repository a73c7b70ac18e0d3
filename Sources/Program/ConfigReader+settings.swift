package import Configuration
package import Foundation
import StoreDomain

/// The parsers of settings. What is empty counts as absent; what cannot work is refused by a `SettingError` that names the variable.
extension ConfigReader {
    /// As the environment has it, e.g. `MAX_STORES` for `max.stores`.
    package static func variable(_ key: ConfigKey) -> String { key.components.joined(separator: "_").uppercased() }

    /// `nil` where it is absent or empty.
    package func text(_ key: ConfigKey, isSecret: Bool = false) -> String? {
        string(forKey: key, isSecret: isSecret).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value as `parse` has it; `nil` where it is absent. `expected` follows "must be".
    package func value<Value>(_ key: ConfigKey, _ expected: String, _ parse: (String) -> Value?) throws(SettingError) -> Value? {
        guard let text = text(key) else { return nil }
        guard let value = parse(text) else {
            throw SettingError(message: "\(Self.variable(key)) must be \(expected), not \"\(text)\"")
        }
        return value
    }

    /// The same of what nobody may read: the message is without the value.
    package func secret<Value>(_ key: ConfigKey, _ expected: String, _ parse: (String) -> Value?) throws(SettingError) -> Value? {
        guard let text = text(key, isSecret: true) else { return nil }
        guard let value = parse(text) else { throw SettingError(message: "\(Self.variable(key)) must be \(expected)") }
        return value
    }

    /// A whole number within the range.
    package func number(_ key: ConfigKey, default standard: Int, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        try value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? standard
    }

    /// `standard` where it is absent.
    package func flag(_ key: ConfigKey, default standard: Bool) throws(SettingError) -> Bool { try flag(key) ?? standard }

    package func flag(_ key: ConfigKey) throws(SettingError) -> Bool? { try value(key, "true or false") { Bool($0) } }

    /// One of the words.
    package func word<Word: RawRepresentable<String> & CaseIterable>(_ key: ConfigKey, default standard: Word) throws(SettingError) -> Word
    {
        let words = Word.allCases.map(\.rawValue)
        let expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        return try value(key, expected) { Word(rawValue: $0) } ?? standard
    }

    /// Values separated by commas, without white space at their ends; empty ones do not count.
    package func list<Value>(
        _ key: ConfigKey,
        default standard: String = "",
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(SettingError) -> [Value] {
        var values: [Value] = []
        for part in (text(key) ?? standard).split(separator: ",") {
            let word = String(part.trimming(while: \.isWhitespace))
            guard !word.isEmpty else { continue }
            guard let value = parse(word) else {
                throw SettingError(message: "\(Self.variable(key)) must be \(expected), separated by commas, not \"\(word)\"")
            }
            values.append(value)
        }
        return values
    }

    /// A folder that is there; a relative path begins in the working directory. `nil` where it is absent.
    package func folder(_ key: ConfigKey) throws(SettingError) -> URL? {
        try value(key, "the path of a folder that is there") { path in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return nil }
            return URL(fileURLWithPath: path, isDirectory: true)
        }
    }

    /// An address to listen at, or the name of one. `::` is every address of both kinds, and of IPv4 alone on a machine without IPv6.
    package func listeningHost(_ key: ConfigKey) throws(SettingError) -> String {
        let host = try value(key, "an IP address or a host's name, without scheme and port") {
            NetworkAddress($0) != nil || HostName($0.lowercased()) != nil ? $0 : nil
        }
        let everyIPv4 = "0.0.0.0"
        return host == "::" && !NetworkAddress.machineHasIPv6 ? everyIPv4 : host ?? everyIPv4
    }
}

extension Substring {
    fileprivate func trimming(while isLeftOut: (Character) -> Bool) -> Substring {
        var rest = drop(while: isLeftOut)
        while let last = rest.last, isLeftOut(last) { rest.removeLast() }
        return rest
    }
}
