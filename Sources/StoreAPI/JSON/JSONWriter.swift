import Foundation
import NIOCore

/// Writes JSON as it is sent. Each field is put into the buffer in one piece: a byte at a time, asking for room for each, costs several times as
/// much.
struct JSONWriter {
    private(set) var buffer = ByteBuffer()
    private var needsComma = false

    /// `capacity`: how many bytes are expected.
    init(capacity: Int = 1_024) { buffer.reserveCapacity(capacity) }

    mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        open("{")
        try body(&self)
        close("}")
    }

    mutating func object(_ key: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
        open("{", key)
        try body(&self)
        close("}")
    }

    mutating func array<Element>(
        _ key: StaticString,
        _ elements: some Sequence<Element>,
        _ body: (inout JSONWriter, Element) throws -> Void
    ) rethrows {
        open("[", key)
        for element in elements { try body(&self, element) }
        close("]")
    }

    mutating func field(_ key: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { text in put(key, Pen.longest(text)) { $0.quoted(text) } }
    }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: String?) {
        if let value { field(key, value) } else { put(key, 4) { $0.put("null") } }
    }

    mutating func field(_ key: StaticString, _ value: Int) { put(key, 20) { $0.number(value) } }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: Int?) {
        if let value { field(key, value) } else { put(key, 4) { $0.put("null") } }
    }

    mutating func field(_ key: StaticString, _ value: Bool) { put(key, 5) { $0.put(value ? "true" : "false") } }

    /// `value`: JSON already, from a `jsonb` column.
    mutating func field(_ key: StaticString, json value: String?) {
        guard var value else { return put(key, 4) { $0.put("null") } }
        value.withUTF8 { text in put(key, text.count) { $0.put(text) } }
    }

    mutating func field(_ key: StaticString, _ value: Date) { put(key, Pen.instantLength) { $0.instant(value) } }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: Date?) {
        if let value { field(key, value) } else { put(key, 4) { $0.put("null") } }
    }

    /// A member of an array.
    mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { text in put(nil, Pen.longest(text)) { $0.quoted(text) } }
    }

    private mutating func open(_ bracket: Unicode.Scalar, _ key: StaticString? = nil) {
        put(key, 1) { $0.put(UInt8(ascii: bracket)) }
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        buffer.writeInteger(UInt8(ascii: bracket))
        needsComma = true
    }

    /// Comma, key and value. `most`: how many bytes the value has at most.
    private mutating func put(_ key: StaticString?, _ most: Int, _ value: (inout Pen) -> Void) {
        let room = most + (key?.utf8CodeUnitCount ?? 0) + 4
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
            var pen = Pen(bytes)
            if needsComma { pen.put(UInt8(ascii: ",")) }
            if let key {
                pen.put(UInt8(ascii: "\""))
                pen.put(key)
                pen.put("\":")
            }
            value(&pen)
            return pen.count
        }
        needsComma = true
    }
}

/// Writes into room that was asked for before.
private struct Pen {
    /// `"2026-11-23T07:46:41.161Z"`, or more in years of five digits and more.
    static let instantLength = 48

    /// Every byte may become `\u00xx`.
    static func longest(_ text: UnsafeBufferPointer<UInt8>) -> Int { 6 * text.count + 2 }

    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    mutating func put(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func put(_ text: StaticString) { put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }

    mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: UnsafeRawBufferPointer(text))
        count += text.count
    }

    mutating func number(_ value: Int) {
        if (0...9).contains(value) { return put(UInt8(ascii: "0") + UInt8(value)) }
        var text = String(value)
        text.withUTF8 { put($0) }
    }

    mutating func quoted(_ text: UnsafeBufferPointer<UInt8>) {
        put(UInt8(ascii: "\""))
        var copied = 0
        for place in text.indices where text[place] < 0x20 || text[place] == 0x22 || text[place] == 0x5c {
            put(UnsafeBufferPointer(rebasing: text[copied..<place]))
            escape(text[place])
            copied = place + 1
        }
        put(UnsafeBufferPointer(rebasing: text[copied...]))
        put(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: put("\\\"")
        case 0x5c: put("\\\\")
        case 0x0a: put("\\n")
        default:
            put("\\u00")
            for digit in [byte >> 4, byte & 0xf] { put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10) }
        }
    }

    /// ISO 8601 in UTC with milliseconds. By hand: Foundation's formatting of five times a row was most of what a list cost.
    mutating func instant(_ date: Date) {
        // To the microsecond first, which is what PostgreSQL has: a binary fraction may lie just below it.
        let microseconds = Int((date.timeIntervalSince1970 * 1_000_000).rounded())
        let days = microseconds.floored(by: 86_400_000_000)
        let milliseconds = (microseconds - days * 86_400_000_000) / 1_000
        let (year, month, day) = Self.civil(daysSince1970: days)
        put(UInt8(ascii: "\""))
        if (0...9_999).contains(year) { digits(year, 4) } else { number(year) }
        put(UInt8(ascii: "-"))
        digits(month, 2)
        put(UInt8(ascii: "-"))
        digits(day, 2)
        put(UInt8(ascii: "T"))
        digits(milliseconds / 3_600_000, 2)
        put(UInt8(ascii: ":"))
        digits(milliseconds / 60_000 % 60, 2)
        put(UInt8(ascii: ":"))
        digits(milliseconds / 1_000 % 60, 2)
        put(UInt8(ascii: "."))
        digits(milliseconds % 1_000, 3)
        put("Z\"")
    }

    /// Exactly `width` digits.
    private mutating func digits(_ value: Int, _ width: Int) {
        var rest = value
        for place in stride(from: width - 1, through: 0, by: -1) {
            bytes[count + place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += width
    }

    /// The proleptic Gregorian calendar, by H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int {
    /// The quotient rounded down, also below zero.
    fileprivate func floored(by divisor: Int) -> Int { self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor) }
}
