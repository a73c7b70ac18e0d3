/// A JSON document as the API stores and sends it.
///
/// Subscripts by key read `.null` where nothing is and create objects on the way when they are assigned to;
/// assigning `.null` removes the key, as the Kubernetes API drops nulls.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package subscript(key: String) -> JSONValue {
        get {
            guard case .object(let members) = self else { return .null }
            return members[key] ?? .null
        }
        set {
            var members: [String: JSONValue] = [:]
            if case .object(let existing) = self {
                members = existing
                self = .null
            }
            members[key] = newValue == .null ? nil : newValue
            self = .object(members)
        }
    }

    package subscript(index: Int) -> JSONValue {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return .null }
        return elements[index]
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var int: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value) where value.rounded() == value && abs(value) < 9e15: Int(value)
        default: nil
        }
    }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The elements; empty for everything that is not an array.
    package var array: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The members; empty for everything that is not an object.
    package var object: [String: JSONValue] {
        guard case .object(let members) = self else { return [:] }
        return members
    }

    /// The members whose values are strings, such as labels and annotations.
    package var strings: [String: String] { object.compactMapValues(\.string) }

    package var isNull: Bool { self == .null }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements.filter { !$0.1.isNull }) { _, last in last })
    }
}

extension JSONValue {
    package init(_ value: Int) { self = .integer(Int64(value)) }
    package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
    package init(_ values: [String: String]) { self = .object(values.mapValues(JSONValue.string)) }
}
