/// A statement whose interpolated values travel as parameters: `"… WHERE id = \(id)"` sends `… WHERE id = $1`.
///
/// Text that was not written in this source can become part of a statement only through `init(unsafe:)`.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    /// Alternates between literal text and parameters.
    enum Part: Sendable {
        case text(String)
        case parameter(String?)
    }

    private(set) var parts: [Part]

    package init(stringLiteral value: String) { parts = [.text(value)] }

    package init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// For DDL and names of our own; never for what came from outside.
    package init(unsafe text: String) { parts = [.text(text)] }

    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum += right
        return sum
    }

    package static func += (left: inout SQL, right: SQL) { left.parts += right.parts }

    /// The text as PostgreSQL gets it, and the parameters in text format.
    func rendered() -> (text: String, parameters: [String?]) {
        var text = ""
        var parameters: [String?] = []
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .parameter(let value):
                parameters.append(value)
                text += "$\(parameters.count)"
            }
        }
        return (text, parameters)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) { parts.reserveCapacity(2 * interpolationCount + 1) }

        package mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { parts.append(.text(literal)) }
        }

        package mutating func appendInterpolation(_ value: some PostgresEncodable) { parts.append(.parameter(value.postgresText)) }

        /// `nil` is NULL.
        package mutating func appendInterpolation(_ value: (some PostgresEncodable)?) { parts.append(.parameter(value?.postgresText)) }

        /// A statement within a statement.
        package mutating func appendInterpolation(_ fragment: SQL) { parts += fragment.parts }
    }
}
