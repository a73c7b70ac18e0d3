import CLibpq
package import struct Foundation.Date

/// The cells of a result in binary format, by row and column from 0. Reading past the end, or a column as another type than it has, is an
/// error of the statement's author: it is thrown, never guessed.
extension PostgresResult {
    package var rowCount: Int { Int(unsafe PQntuples(raw)) }

    package func isNull(_ row: Int, _ column: Int) -> Bool { unsafe PQgetisnull(raw, Int32(row), Int32(column)) != 0 }

    /// `text`, `name`, `json`.
    package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        guard let text = optionalText(row, column) else { throw Self.wrong("text", row, column) }
        return text
    }

    package func optionalText(_ row: Int, _ column: Int) -> String? {
        guard let (start, length) = unsafe cell(row, column) else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }

    /// `smallint`, `integer`, `bigint`.
    package func integer(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
        guard let (start, length) = unsafe cell(row, column), [2, 4, 8].contains(length) else {
            throw Self.wrong("a whole number", row, column)
        }
        // The sign is that of the first byte.
        var value: Int64 = unsafe start[0] & 0x80 != 0 ? -1 : 0
        for place in 0..<length { value = unsafe value << 8 | Int64(start[place]) }
        return Int(value)
    }

    package func boolean(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        guard let (start, length) = unsafe cell(row, column), length == 1 else { throw Self.wrong("a boolean", row, column) }
        return unsafe start[0] != 0
    }

    /// `timestamptz`.
    package func date(_ row: Int, _ column: Int) throws(PostgresError) -> Date {
        guard let date = try optionalDate(row, column) else { throw Self.wrong("a time", row, column) }
        return date
    }

    /// `nil` also for infinity, which is no time on the calendar.
    package func optionalDate(_ row: Int, _ column: Int) throws(PostgresError) -> Date? {
        guard let (start, length) = unsafe cell(row, column) else { return nil }
        guard length == 8 else { throw Self.wrong("a time", row, column) }
        var microseconds: Int64 = 0
        for place in 0..<8 { microseconds = unsafe microseconds << 8 | Int64(start[place]) }
        guard microseconds != .max, microseconds != .min else { return nil }
        // Since 2000. Computed as from text, so that both forms of one time are equal.
        let (seconds, rest) = Int(microseconds + 946_684_800_000_000).flooredQuotientAndRemainder(dividingBy: 1_000_000)
        return Date(timeIntervalSince1970: Double(seconds) + Double(rest) / 1_000_000)
    }

    private func cell(_ row: Int, _ column: Int) -> (start: UnsafePointer<UInt8>, length: Int)? {
        let (row, column) = (Int32(row), Int32(column))
        // What lies outside of the result counts as NULL.
        guard unsafe PQgetisnull(raw, row, column) == 0, let start = unsafe PQgetvalue(raw, row, column) else { return nil }
        return unsafe (UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), Int(PQgetlength(raw, row, column)))
    }

    private static func wrong(_ type: StaticString, _ row: Int, _ column: Int) -> PostgresError {
        PostgresError(code: .decoding, message: "column \(column) of row \(row) is no \(type)")
    }
}
