import Foundation
import NIOCore

/// Writes JSON as it is sent. Into an array: appending a byte to a `ByteBuffer` costs several times as much as copying all at the end.
struct JSONWriter {
    private var bytes: [UInt8] = []
    private var needsComma = false

    /// `capacity`: how many bytes are expected.
    init(capacity: Int = 1_024) { bytes.reserveCapacity(capacity) }

    var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        try body(&self)
        bytes.append(UInt8(ascii: "}"))
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
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        for element in elements { try body(&self, element) }
        bytes.append(UInt8(ascii: "]"))
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

    mutating func field(_ key: StaticString, _ value: Date) {
        write(key)
        instant(value)
    }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: Date?) {
        write(key)
        if let value { instant(value) } else { raw("null") }
    }

    /// ISO 8601 in UTC with milliseconds. By hand: Foundation's formatting of five times a row was most of what a list cost.
    private mutating func instant(_ date: Date) {
        // To the microsecond first, which is what PostgreSQL has: a binary fraction may lie just below it.
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let whole = (microseconds / 1_000_000).rounded(.down)
        var seconds = time_t(whole)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        bytes.append(UInt8(ascii: "\""))
        digits(Int(parts.tm_year) + 1_900, 4)
        digits(Int(parts.tm_mon) + 1, 2, after: "-")
        digits(Int(parts.tm_mday), 2, after: "-")
        digits(Int(parts.tm_hour), 2, after: "T")
        digits(Int(parts.tm_min), 2, after: ":")
        digits(Int(parts.tm_sec), 2, after: ":")
        digits(Int(microseconds - whole * 1_000_000) / 1_000, 3, after: ".")
        append("Z\"")
        needsComma = true
    }

    /// Exactly `count` digits, 2 to 4.
    private mutating func digits(_ value: Int, _ count: Int, after separator: Unicode.Scalar? = nil) {
        if let separator { bytes.append(UInt8(ascii: separator)) }
        var weight = count == 4 ? 1_000 : count == 3 ? 100 : 10
        while weight > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / weight % 10))
            weight /= 10
        }
    }

    private mutating func write(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(key)
        append("\":")
        needsComma = false
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func raw(_ token: String) {
        bytes.append(contentsOf: token.utf8)
        needsComma = true
    }

    /// A member of an array.
    mutating func text(_ value: String) {
        separate()
        quoted(value)
    }

    private mutating func quoted(_ value: String) {
        bytes.append(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { text in
            var copied = 0
            for place in text.indices where text[place] < 0x20 || text[place] == 0x22 || text[place] == 0x5c {
                bytes.append(contentsOf: text[copied..<place])
                escape(text[place])
                copied = place + 1
            }
            bytes.append(contentsOf: text[copied...])
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5c: append("\\\\")
        case 0x0a: append("\\n")
        default:
            let digits = String(byte, radix: 16)
            bytes.append(contentsOf: ("\\u00" + (digits.count == 1 ? "0" : "") + digits).utf8)
        }
    }
}
