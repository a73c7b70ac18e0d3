/// One row of a result; its values are copies, so it outlives the connection.
package struct PostgresRow: Sendable {
    /// Column names and their places, shared by the rows of one result.
    final class Columns: Sendable {
        let places: [String: Int]

        init(names: [String]) { places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }) }
    }

    private let columns: Columns
    private let values: [String?]

    init(columns: Columns, values: [String?]) {
        self.columns = columns
        self.values = values
    }

    /// Throws `.decoding` when there is no such column or its value does not stand for a `Value`.
    package subscript<Value: PostgresDecodable>(_ column: String) -> Value {
        get throws(PostgresError) {
            guard let place = columns.places[column] else {
                throw PostgresError(code: .decoding, message: "the result has no column \(column)")
            }
            guard let value = Value.decode(postgresText: values[place]) else {
                throw PostgresError(code: .decoding, message: "column \(column)\(subject) is no \(Value.self)")
            }
            return value
        }
    }

    /// `nil` also where the value does not stand for a `Value`: another version wrote it. Throws where there is no such column.
    package func known<Value: PostgresDecodable>(_ column: String) throws(PostgresError) -> Value? {
        let text: String? = try self[column]
        return text.flatMap { Value.decode(postgresText: $0) }
    }

    /// What the row is about, where it says so.
    private var subject: String { columns.places["id"].flatMap { values[$0] }.map { " of \($0)" } ?? "" }
}
