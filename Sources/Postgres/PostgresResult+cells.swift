import CLibpq
package import struct Foundation.Date

/// The cells of a result in binary format, by row and column from 0. Reading past the end, or a column as another type than it has, is an
/// error of the statement's author: it is thrown, never guessed.
extension PostgresResult {
    package var rowCount: Int { Int(unsafe PQntuples(raw)) }

    /// A row where it lies: not to be used once the result is gone.
    package func cells(_ row: Int) -> PostgresCells { unsafe PostgresCells(raw: raw, row: Int32(row)) }

    package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String { try cells(row)[column].requiredText }
    package func optionalText(_ row: Int, _ column: Int) -> String? { cells(row)[column].text }
    package func integer(_ row: Int, _ column: Int) throws(PostgresError) -> Int { try cells(row)[column].integer }
    package func date(_ row: Int, _ column: Int) throws(PostgresError) -> Date { try cells(row)[column].requiredDate }
}

/// One row of a result, without a copy of what is in it.
@safe package struct PostgresCells {
    private let raw: OpaquePointer
    private let row: Int32

    fileprivate init(raw: OpaquePointer, row: Int32) {
        unsafe self.raw = raw
        self.row = row
    }

    /// What lies outside of the result counts as NULL.
    package subscript(column: Int) -> PostgresCell {
        let length = Int(unsafe PQgetlength(raw, row, Int32(column)))
        guard unsafe length > 0 || PQgetisnull(raw, row, Int32(column)) == 0, let start = unsafe PQgetvalue(raw, row, Int32(column)) else {
            return unsafe PostgresCell(bytes: nil, column: column)
        }
        let bytes = unsafe UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: length)
        return unsafe PostgresCell(bytes: bytes, column: column)
    }
}
