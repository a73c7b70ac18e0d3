package import struct Foundation.Date
import StoreDomain

/// One value in PostgreSQL's binary format, where it lies.
@safe package struct PostgresCell {
    /// `nil`: NULL.
    package let bytes: UnsafeBufferPointer<UInt8>?
    /// For what is said of a value of another type.
    private let column: Int

    init(bytes: UnsafeBufferPointer<UInt8>?, column: Int) {
        unsafe self.bytes = bytes
        self.column = column
    }

    package var isNull: Bool { unsafe bytes == nil }

    /// `text`, `name`, `json`.
    package var text: String? {
        guard let bytes = unsafe bytes else { return nil }
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    package var requiredText: String {
        get throws(PostgresError) {
            guard let text else { throw wrong("text") }
            return text
        }
    }

    /// `smallint`, `integer`, `bigint`.
    package var integer: Int {
        get throws(PostgresError) {
            guard let bytes = unsafe bytes else { throw wrong("a whole number") }
            let cell = UnsafeRawBufferPointer(bytes)
            return switch cell.count {
            case 2: Int(Int16(bigEndian: unsafe cell.loadUnaligned(as: Int16.self)))
            case 4: Int(Int32(bigEndian: unsafe cell.loadUnaligned(as: Int32.self)))
            case 8: Int(Int64(bigEndian: unsafe cell.loadUnaligned(as: Int64.self)))
            default: throw wrong("a whole number")
            }
        }
    }

    package var boolean: Bool {
        get throws(PostgresError) {
            guard let bytes = unsafe bytes, bytes.count == 1 else { throw wrong("a boolean") }
            return unsafe bytes[0] != 0
        }
    }

    /// `timestamptz`, in microseconds since 1970. `nil` also for infinity, which is no time on the calendar.
    package var microseconds: Int? {
        get throws(PostgresError) {
            guard let bytes = unsafe bytes else { return nil }
            guard bytes.count == 8 else { throw wrong("a time") }
            let value = Int64(bigEndian: unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(as: Int64.self))
            guard value != .max, value != .min else { return nil }
            // PostgreSQL counts from 2000, and farther than we do.
            let (time, isOver) = Int(value).addingReportingOverflow(946_684_800_000_000)
            guard !isOver else { throw wrong("a time") }
            return time
        }
    }

    /// The same as a date.
    package var date: Date? {
        get throws(PostgresError) {
            guard let microseconds = try microseconds else { return nil }
            // Computed as from text, so that both forms of one time are equal.
            let (seconds, rest) = microseconds.flooredQuotientAndRemainder(dividingBy: 1_000_000)
            return Date(timeIntervalSince1970: Double(seconds) + Double(rest) / 1_000_000)
        }
    }

    package var requiredDate: Date {
        get throws(PostgresError) {
            guard let date = try date else { throw wrong("a time") }
            return date
        }
    }

    /// What `row(…)` has; empty for NULL.
    package var record: [PostgresCell] {
        get throws(PostgresError) {
            guard let bytes = unsafe bytes else { return [] }
            var rest = unsafe BinaryReader(bytes)
            guard let count = rest.number(), count >= 0 else { throw wrong("a record") }
            var fields: [PostgresCell] = []
            for column in 0..<count {
                // Its type comes before each.
                guard rest.number() != nil, let field = rest.value(column: Int(column)) else { throw wrong("a record") }
                fields.append(field)
            }
            guard rest.isAtEnd else { throw wrong("a record") }
            return fields
        }
    }

    /// What an array of one dimension has; empty for NULL.
    package var array: [PostgresCell] {
        get throws(PostgresError) {
            guard let bytes = unsafe bytes else { return [] }
            var rest = unsafe BinaryReader(bytes)
            // Dimensions, whether there are NULLs, the elements' type; of each dimension its size and where it begins.
            guard let dimensions = rest.number(), (0...1).contains(dimensions), rest.number() != nil, rest.number() != nil else {
                throw wrong("an array")
            }
            guard dimensions == 1 else { return [] }
            guard let count = rest.number(), count >= 0, rest.number() != nil else { throw wrong("an array") }
            var elements: [PostgresCell] = []
            for _ in 0..<count {
                guard let element = rest.value(column: column) else { throw wrong("an array") }
                elements.append(element)
            }
            guard rest.isAtEnd else { throw wrong("an array") }
            return elements
        }
    }

    package func wrong(_ type: StaticString) -> PostgresError {
        PostgresError(code: .decoding, message: "column \(column) is no \(type)")
    }
}

/// Goes through what is made of several values.
@safe private struct BinaryReader {
    private var rest: UnsafeBufferPointer<UInt8>.SubSequence

    init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe rest = bytes[...] }

    var isAtEnd: Bool { unsafe rest.isEmpty }

    /// `nil`: there is no more of it.
    mutating func number() -> Int32? {
        guard let bytes = unsafe take(4) else { return nil }
        return Int32(bigEndian: unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(as: Int32.self))
    }

    /// A length, -1 for NULL, and so many bytes; `nil`: there are not as many.
    mutating func value(column: Int) -> PostgresCell? {
        guard let length = number(), length >= -1 else { return nil }
        guard length >= 0 else { return unsafe PostgresCell(bytes: nil, column: column) }
        guard let bytes = unsafe take(Int(length)) else { return nil }
        return unsafe PostgresCell(bytes: bytes, column: column)
    }

    private mutating func take(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
        guard unsafe rest.count >= count else { return nil }
        let taken = unsafe UnsafeBufferPointer(rebasing: rest.prefix(count))
        unsafe rest = rest.dropFirst(count)
        return unsafe taken
    }
}
