package import struct Foundation.Date

/// What a column can be read as.
package protocol PostgresDecodable: Sendable {
    /// `nil` when the text (NULL: `nil`) does not stand for a value of this type.
    static func decode(postgresText: String?) -> Self?
}

extension PostgresDecodable where Self: LosslessStringConvertible {
    package static func decode(postgresText: String?) -> Self? { postgresText.flatMap { Self($0) } }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package static func decode(postgresText: String?) -> Self? {
        RawValue.decode(postgresText: postgresText).flatMap { Self(rawValue: $0) }
    }
}

extension String: PostgresDecodable {}
extension Int: PostgresDecodable {}
extension Int64: PostgresDecodable {}
extension Double: PostgresDecodable {}

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
