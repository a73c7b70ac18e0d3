import Foundation
import NIOCore
import StoreDomain

/// Writes JSON as it is sent. It has memory of its own, and each field asks for room once: `ByteBuffer` looks at its owners and its room at every
/// write, which costs more than most fields themselves.
struct JSONWriter: ~Copyable {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0
    private var needsComma = false
    /// The day that was written last, counted from 1970-01-01, and where it stands: the times of one store are mostly of one day.
    private var day = Int.min
    private var dayPlace = 0

    /// `capacity`: how many bytes are expected.
    init(capacity: Int = 1_024) {
        self.capacity = max(capacity, 64)
        bytes = .allocate(capacity: self.capacity)
    }

    deinit { bytes.deallocate() }

    /// What was written so far.
    var buffer: ByteBuffer { ByteBuffer(bytes: UnsafeRawBufferPointer(start: bytes, count: count)) }

    mutating func object<Failure>(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open("{")
        try body(&self)
        close("}")
    }

    mutating func object<Failure>(_ key: StaticString, _ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open("{", key)
        try body(&self)
        close("}")
    }

    mutating func array<Element, Failure>(
        _ key: StaticString,
        _ elements: [Element],
        _ body: (inout JSONWriter, borrowing Element) throws(Failure) -> Void
    ) throws(Failure) {
        open("[", key)
        for place in elements.indices { try body(&self, elements[place]) }
        close("]")
    }

    @inline(__always) mutating func field(_ key: StaticString, _ value: some JSONText) {
        name(key)
        value.withBytes { quote($0) }
    }

    /// `null` where there is none.
    @inline(__always) mutating func field(_ key: StaticString, _ value: (some JSONText)?) {
        name(key)
        if let value { value.withBytes { quote($0) } } else { putNull() }
    }

    /// Both as one text; `null` where there is no first.
    mutating func field(_ key: StaticString, _ value: (some JSONText)?, followedBy end: String) {
        field(key, value)
        guard value != nil else { return }
        count -= 1
        end.withBytes { putEscaped($0) }
        put(UInt8(ascii: "\""))
    }

    @inline(__always) mutating func field(_ key: StaticString, _ value: Int) {
        name(key)
        number(value)
    }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: Int?) {
        name(key)
        if let value { number(value) } else { putNull() }
    }

    @inline(__always) mutating func field(_ key: StaticString, _ value: Bool) {
        name(key)
        put(value ? "true" : "false")
    }

    /// `value`: JSON already, from a `jsonb` column.
    mutating func field(_ key: StaticString, json value: String?) {
        name(key)
        guard var value else { return putNull() }
        value.withUTF8 { put($0) }
    }

    mutating func field(_ key: StaticString, _ value: Date) { field(key, microseconds: value.microseconds) }

    /// `null` where there is none.
    mutating func field(_ key: StaticString, _ value: Date?) { field(key, microseconds: value?.microseconds) }

    /// A time, in microseconds since 1970; `null` where there is none.
    @inline(__always) mutating func field(_ key: StaticString, microseconds value: Int?) {
        name(key)
        if let value { instant(value) } else { putNull() }
    }

    /// A member of an array.
    mutating func text(_ value: String) {
        separate()
        value.withBytes { quote($0) }
    }

    private mutating func open(_ bracket: Unicode.Scalar, _ key: StaticString? = nil) {
        if let key { name(key) } else { separate() }
        put(UInt8(ascii: bracket))
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        put(UInt8(ascii: bracket))
        needsComma = true
    }

    /// The comma before what comes next, and the name of a member. Inlined, so that the length of a name is a constant.
    @inline(__always) private mutating func name(_ key: StaticString) {
        let length = key.utf8CodeUnitCount
        reserve(length + 4)
        var pen = bytes + count
        if needsComma {
            pen.pointee = UInt8(ascii: ",")
            pen += 1
        }
        pen.pointee = UInt8(ascii: "\"")
        (pen + 1).update(from: key.utf8Start, count: length)
        pen += length + 1
        pen[0] = UInt8(ascii: "\"")
        pen[1] = UInt8(ascii: ":")
        count = pen + 2 - bytes
        needsComma = true
    }

    private mutating func putNull() { put("null") }

    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func put(_ byte: UInt8) {
        reserve(1)
        bytes[count] = byte
        count += 1
    }

    private mutating func put(_ text: StaticString) { put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }

    private mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
        guard let start = text.baseAddress else { return }
        reserve(text.count)
        (bytes + count).update(from: start, count: text.count)
        count += text.count
    }

    @inline(__always) private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never) private mutating func grow(_ more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: bytes, count: count)
        bytes.deallocate()
        bytes = larger
    }
}

// MARK: - Values

extension JSONWriter {
    private mutating func number(_ value: Int) {
        reserve(20)
        if (0...9).contains(value) {
            put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value))
        } else {
            var text = String(value)
            text.withUTF8 { put($0) }
        }
    }

    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        put(UInt8(ascii: "\""))
        putEscaped(text)
        put(UInt8(ascii: "\""))
    }

    private mutating func putEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var rest = text
        while true {
            let plain = Self.plainPrefix(of: rest)
            put(UnsafeBufferPointer(rebasing: rest[..<plain]))
            if plain == rest.count { return }
            escape(rest[plain])
            rest = UnsafeBufferPointer(rebasing: rest[(plain + 1)...])
        }
    }

    /// How many bytes there are before the first that has to be escaped. Eight are looked at together, by the tests for a zero byte and for a byte below
    /// a bound in H. Warren, "Hacker's Delight", 6-1.
    private static func plainPrefix(of text: UnsafeBufferPointer<UInt8>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var place = 0
        let raw = UnsafeRawBufferPointer(text)
        while place + 8 <= text.count {
            let word = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5c)
            let found =
                ((word &- (ones &* 0x20)) & ~word) | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
            if found & (ones &* 0x80) != 0 { break }
            place += 8
        }
        while place < text.count, text[place] >= 0x20, text[place] != 0x22, text[place] != 0x5c { place += 1 }
        return place
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
    private mutating func instant(_ microseconds: Int) {
        let (day, rest) = microseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000_000)
        let milliseconds = rest / 1_000
        reserve(48)
        put(UInt8(ascii: "\""))
        if day == self.day {
            (bytes + count).update(from: bytes + dayPlace, count: 10)
            count += 10
        } else {
            calendarDay(day)
        }
        let seconds = milliseconds / 1_000
        let pen = bytes + count
        pen[0] = UInt8(ascii: "T")
        Self.digits(seconds / 3_600, pen + 1)
        pen[3] = UInt8(ascii: ":")
        Self.digits(seconds / 60 % 60, pen + 4)
        pen[6] = UInt8(ascii: ":")
        Self.digits(seconds % 60, pen + 7)
        pen[9] = UInt8(ascii: ".")
        pen[10] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: milliseconds / 100 % 10)
        Self.digits(milliseconds % 100, pen + 11)
        pen[13] = UInt8(ascii: "Z")
        pen[14] = UInt8(ascii: "\"")
        count += 15
    }

    private mutating func calendarDay(_ day: Int) {
        let civil = CivilDay(daysSince1970: day)
        if (0...9_999).contains(civil.year) {
            (self.day, dayPlace) = (day, count)
            Self.digits(civil.year / 100, bytes + count)
            Self.digits(civil.year % 100, bytes + count + 2)
            count += 4
        } else {
            number(civil.year)
            reserve(40)
        }
        let pen = bytes + count
        pen[0] = UInt8(ascii: "-")
        Self.digits(civil.month, pen + 1)
        pen[3] = UInt8(ascii: "-")
        Self.digits(civil.day, pen + 4)
        count += 6
    }

    /// Exactly two, of 0 to 99.
    private static func digits(_ value: Int, _ pen: UnsafeMutablePointer<UInt8>) {
        pen[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
        pen[1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
    }
}

extension Date {
    /// Since 1970, to the nearest: PostgreSQL has no smaller ones, and a binary fraction may lie just below what it means.
    var microseconds: Int { Int((timeIntervalSince1970 * 1_000_000).rounded()) }
}

/// What JSON has as a string.
protocol JSONText {
    /// As UTF-8.
    func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value
}

extension String: JSONText {
    func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        var text = self
        return text.withUTF8(body)
    }
}

extension UnsafeBufferPointer: JSONText where Element == UInt8 {
    func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value { body(self) }
}
