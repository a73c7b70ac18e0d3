package import struct Foundation.Date

/// What may be a statement's parameter; travels in PostgreSQL's text format.
package protocol PostgresEncodable {
    /// `nil` is NULL.
    var postgresText: String? { get }
}

extension String: PostgresEncodable {
    /// PostgreSQL's text cannot hold NUL; it is left out.
    package var postgresText: String? { utf8.contains(0) ? replacing("\0", with: "") : self }
}

extension Bool: PostgresEncodable {
    package var postgresText: String? { self ? "t" : "f" }
}

extension Int: PostgresEncodable {
    package var postgresText: String? { String(self) }
}

extension Int64: PostgresEncodable {
    package var postgresText: String? { String(self) }
}

extension Double: PostgresEncodable {
    package var postgresText: String? { String(self) }
}

extension Date: PostgresEncodable {
    /// To the microsecond, which is PostgreSQL's own resolution.
    package var postgresText: String? { PostgresTimestamp.text(self) }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package var postgresText: String? {
        var text = "{"
        for (place, element) in enumerated() {
            if place > 0 { text += "," }
            element.write(into: &text)
        }
        text += "}"
        return text
    }
}

/// What may stand in an array parameter.
package protocol PostgresArrayElement: PostgresEncodable {
    /// As a member of an array's text.
    func write(into text: inout String)
}

extension String: PostgresArrayElement {
    package func write(into text: inout String) {
        text += "\""
        if utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") || $0 == 0 }) {
            for scalar in unicodeScalars where scalar != "\0" {
                if scalar == "\"" || scalar == "\\" { text += "\\" }
                text.unicodeScalars.append(scalar)
            }
        } else {
            text += self
        }
        text += "\""
    }
}

extension Int64: PostgresArrayElement {
    package func write(into text: inout String) { text += String(self) }
}

extension Date: PostgresArrayElement {
    package func write(into text: inout String) { text += "\"\(PostgresTimestamp.text(self))\"" }
}

/// JSON as a `jsonb` parameter. Like PostgreSQL's text it cannot hold NUL; the escape `\u0000` is left out.
package struct PostgresJSON: PostgresEncodable, Sendable, Equatable {
    private let text: String

    /// `json`: as an encoder wrote it.
    package init(_ json: String) { text = json.contains("\\u0000") ? Self.withoutNUL(json) : json }

    package var postgresText: String? { text.postgresText }

    /// A backslash that is escaped itself begins no escape.
    private static func withoutNUL(_ json: String) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(json).utf8
        while let byte = rest.first {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                rest = rest.dropFirst()
                continue
            }
            if !rest.starts(with: "\\u0000".utf8) { bytes += rest.prefix(2) }
            rest = rest.dropFirst(rest.starts(with: "\\u0000".utf8) ? 6 : 2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
