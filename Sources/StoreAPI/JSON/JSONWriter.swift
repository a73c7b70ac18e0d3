import Foundation
import NIOCore

/// Writes JSON straight into a response's buffer.
struct JSONWriter {
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    init(capacity: Int = 1_024) { buffer = ByteBufferAllocator().buffer(capacity: capacity) }

    mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        buffer.writeInteger(UInt8(ascii: "{"))
        needsComma = false
        try body(&self)
        buffer.writeInteger(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func object(_ key: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
        write(key)
        try object(body)
    }

    mutating func array<Element>(
        _ key: StaticString,
        _ elements: some Sequence<Element>,
        _ body: (inout JSONWriter, Element) throws -> Void
    ) rethrows {
        write(key)
        buffer.writeInteger(UInt8(ascii: "["))
        needsComma = false
        for element in elements { try body(&self, element) }
        buffer.writeInteger(UInt8(ascii: "]"))
        needsComma = true
    }

    mutating func field(_ key: StaticString, _ value: String) {
        write(key)
        quoted(value)
    }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: String?) {
        write(key)
        if let value { quoted(value) } else { raw("null") }
    }

    mutating func field(_ key: StaticString, _ value: Int) {
        write(key)
        raw(String(value))
    }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: Int?) {
        write(key)
        raw(value.map(String.init) ?? "null")
    }

    mutating func field(_ key: StaticString, _ value: Bool) {
        write(key)
        raw(value ? "true" : "false")
    }

    /// `value`: JSON already, from a `jsonb` column.
    mutating func field(_ key: StaticString, json value: String?) {
        write(key)
        raw(value ?? "null")
    }

    mutating func field(_ key: StaticString, _ value: Date) { field(key, Self.timestamp(value)) }

    mutating func field(_ key: StaticString, _ value: Date?) { field(key, value.map(Self.timestamp)) }

    /// ISO 8601 in UTC with milliseconds.
    static func timestamp(_ date: Date) -> String { date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

    private mutating func write(_ key: StaticString) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(key)
        buffer.writeStaticString("\":")
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func raw(_ token: String) {
        buffer.writeString(token)
        needsComma = true
    }

    /// A member of an array.
    mutating func text(_ value: String) {
        separate()
        quoted(value)
    }

    private mutating func quoted(_ value: String) {
        buffer.writeInteger(UInt8(ascii: "\""))
        var copied = value.utf8.startIndex
        let bytes = value.utf8
        for place in bytes.indices {
            let byte = bytes[place]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5c else { continue }
            buffer.writeBytes(bytes[copied..<place])
            switch byte {
            case 0x22: buffer.writeStaticString("\\\"")
            case 0x5c: buffer.writeStaticString("\\\\")
            case 0x0a: buffer.writeStaticString("\\n")
            default:
                let digits = String(byte, radix: 16)
                buffer.writeString("\\u00" + (digits.count == 1 ? "0" : "") + digits)
            }
            copied = bytes.index(after: place)
        }
        buffer.writeBytes(bytes[copied...])
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }
}
