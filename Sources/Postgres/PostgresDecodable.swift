package import struct Foundation.Date

/// What a column can be read as.
package protocol PostgresDecodable: Sendable {
    /// `nil` when the text (NULL: `nil`) does not stand for a value of this type.
    static func decode(postgresText: String?) -> Self?
}

extension String: PostgresDecodable {
    package static func decode(postgresText: String?) -> String? { postgresText }
}

extension Int: PostgresDecodable {
    package static func decode(postgresText: String?) -> Int? { postgresText.flatMap { Int($0) } }
}

extension Int64: PostgresDecodable {
    package static func decode(postgresText: String?) -> Int64? { postgresText.flatMap { Int64($0) } }
}

extension Double: PostgresDecodable {
    package static func decode(postgresText: String?) -> Double? { postgresText.flatMap { Double($0) } }
}

extension Bool: PostgresDecodable {
    package static func decode(postgresText: String?) -> Bool? {
        switch postgresText {
        case "t": true
        case "f": false
        default: nil
        }
    }
}

extension Date: PostgresDecodable {
    package static func decode(postgresText: String?) -> Date? { postgresText.flatMap { PostgresTimestamp.date($0) } }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(postgresText: String?) -> Wrapped?? {
        guard let postgresText else { return .some(nil) }
        return Wrapped.decode(postgresText: postgresText).map { .some($0) }
    }
}
