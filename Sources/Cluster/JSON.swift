package import Foundation
import Yams

/// Any JSON value, as Kubernetes and Helm speak it.
package enum JSON: Sendable, Equatable, Codable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    package init(data: Data) throws { self = try JSONDecoder().decode(JSON.self, from: data) }

    /// A file of YAML, as a chart has them. Throws `ClusterError` for anything but an object, or one that JSON cannot have.
    package init(yamlFile path: String) throws {
        func wrong(_ what: String) -> ClusterError { ClusterError(code: .configuration, message: "\(path) \(what).") }
        guard let data = FileManager.default.contents(atPath: path) else { throw wrong("cannot be read") }
        guard let text = String(validating: data, as: UTF8.self) else { throw wrong("is not UTF-8") }
        let root: Any?
        do { root = try Yams.load(yaml: text) } catch { throw wrong("is no YAML: \(error)") }
        guard let json = JSON(yaml: root), case .object = json else { throw wrong("is no YAML object") }
        self = json
    }

    private init?(yaml value: Any?) {
        switch value {
        case nil, is NSNull: self = .null
        case let value as Bool: self = .bool(value)
        case let value as Int: self = .integer(Int64(value))
        case let value as Double: self = .number(value)
        case let value as String: self = .string(value)
        case let values as [Any]:
            let items = values.map { JSON(yaml: $0) }
            guard !items.contains(nil) else { return nil }
            self = .array(items.compactMap(\.self))
        case let values as [String: Any]:
            let members = values.mapValues { JSON(yaml: $0) }
            guard !members.values.contains(nil) else { return nil }
            self = .object(members.compactMapValues(\.self))
        default: return nil
        }
    }

    /// Keys sorted, slashes and other characters as they are: Helm reads it as YAML.
    package func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// The member, or `null`.
    package subscript(_ key: String) -> JSON { if case .object(let members) = self { members[key] ?? .null } else { .null } }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var int: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var items: [JSON] { if case .array(let values) = self { values } else { [] } }
    package var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
    package var isNull: Bool { self == .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Dictionary(elements) { $1 }) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// What every Kubernetes object has.
extension JSON {
    package var name: String { self["metadata"]["name"].string ?? "" }
    package var uid: String? { self["metadata"]["uid"].string }
    package var isTerminating: Bool { !self["metadata"]["deletionTimestamp"].isNull }

    package func label(_ key: String) -> String? { self["metadata"]["labels"][key].string }
    package func annotation(_ key: String) -> String? { self["metadata"]["annotations"][key].string }

    package var createdAt: Date { Self.date(self["metadata"]["creationTimestamp"].string) ?? Date(timeIntervalSince1970: 0) }

    /// Kubernetes' RFC 3339 times, with or without fractions.
    package static func date(_ text: String?) -> Date? {
        guard let text else { return nil }
        return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))
    }
}
