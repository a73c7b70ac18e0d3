/// What went wrong between us and PostgreSQL.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The server refused the statement; SQLSTATE has five characters.
        case server(sqlState: String)
        /// No connection could be made, or it broke.
        case connection
        case timedOut
        case cancelled
        /// All connections were lent for as long as the caller was willing to wait.
        case poolExhausted
        case closed
        /// A value is not what the reader expected.
        case decoding
        /// The connection string is wrong.
        case configuration
        /// A migration that was applied reads differently now, or the lock for it was not had in time.
        case migration
    }

    package let code: Code
    /// For operators; holds no password and no parameter's value.
    package let message: String
    package let detail: String?
    package let constraint: String?

    package init(code: Code, message: String, detail: String? = nil, constraint: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
        self.constraint = constraint
    }

    package var description: String {
        let state = if case .server(let sqlState) = code { " (\(sqlState))" } else { "" }
        return "PostgreSQL: " + message + state
    }

    package var sqlState: String? { if case .server(let state) = code { state } else { nil } }

    /// 23505, of this constraint or of any.
    package func isUniqueViolation(of constraint: String? = nil) -> Bool {
        sqlState == "23505" && (constraint == nil || constraint == self.constraint)
    }

    /// The same statement or transaction may well succeed when it is run again.
    package var isRetryable: Bool {
        switch code {
        case .server(let state): state == "40001" || state == "40P01" || isUnavailable
        case .connection, .timedOut, .poolExhausted: true
        case .cancelled, .closed, .decoding, .configuration, .migration: false
        }
    }

    /// The server refused the statement itself; nothing of its transaction stays, and it would be refused again.
    package var isRefusal: Bool { sqlState != nil && !isUnavailable }

    /// The server refused what a parameter holds (data exceptions, broken constraints, limits of the program): the same values would be refused
    /// for ever, and other ones may well be taken.
    package var isRefusalOfValues: Bool { ["22", "23", "54"].contains(sqlState?.prefix(2) ?? "") }

    /// PostgreSQL cannot be reached, or is stopping, starting, full, or read-only; or what has to be locked is, for longer than one may wait.
    package var isUnavailable: Bool {
        switch code {
        case .server(let state):
            state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300" || state == "25006"
                || state == "57014" || state == "55P03"
        case .connection, .timedOut, .poolExhausted, .closed: true
        case .cancelled, .decoding, .configuration, .migration: false
        }
    }

    /// The connection is not to be used again: the server ends it, or became a standby.
    var endsConnection: Bool {
        guard let sqlState else { return true }
        return sqlState.hasPrefix("08") || sqlState.hasPrefix("57P") || sqlState == "25006"
    }
}
