/// What went wrong with a row or the schema; PostgreSQL's own errors are `PostgresError`.
package struct StoreRecordsError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The SQL files are not beside the executable.
        case schemaMissing
        /// A row that this version cannot read: written by another version or by hand.
        case unreadableRow
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
