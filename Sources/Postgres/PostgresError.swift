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
        /// The database's schema is not one that this program's migrations lead to.
        case migration
    }

    package let code: Code
    /// For operators; holds no password and no parameter's value.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String {
        let state = if case .server(let sqlState) = code { " (\(sqlState))" } else { "" }
        return (code == .configuration ? "" : "PostgreSQL: ") + message + state
    }

    /// The server is there and takes no writes: a standby, or `default_transaction_read_only`. Asking again does not help before somebody acts.
    package var isReadOnly: Bool {
        sqlState == "25006" || (code == .connection && ["session is read-only", "hot standby"].contains { message.contains($0) })
    }

    /// What is wrong with the server or with how it is asked, for operators and for whoever looks at the health: without an address, a name or a
    /// secret. `nil`: one statement was wrong.
    package var problem: String? {
        if isReadOnly {
            return "PostgreSQL is read-only, a standby or by default_transaction_read_only: point DATABASE_URL at the primary"
        }
        switch code {
        case .server(let state):
            switch state.prefix(2) {
            case "28": return "PostgreSQL does not know the user and password of DATABASE_URL"
            case "53":
                return switch state {
                case "53100": "PostgreSQL's disk is full"
                case "53200": "PostgreSQL is out of memory"
                case "53300": "PostgreSQL has no connection left (max_connections)"
                default: "PostgreSQL has reached a limit of its configuration"
                }
            case "57": return "PostgreSQL is starting or stopping"
            case "58": return "PostgreSQL cannot read or write its files: is its disk broken?"
            default: return nil
            }
        case .connection:
            // libpq has words alone for what happens before a statement.
            if message.contains("authentication failed") || message.contains("no password supplied") || message.contains("pg_hba.conf") {
                return "PostgreSQL does not let the user of DATABASE_URL in"
            }
            if message.contains("does not exist") { return "PostgreSQL does not have the database or the role of DATABASE_URL" }
            if message.contains("too many") || message.contains("connection slots") {
                return "PostgreSQL has no connection left (max_connections)"
            }
            if message.contains("SSL") || message.contains("certificate") { return "PostgreSQL and DATABASE_URL do not agree on TLS" }
            return "PostgreSQL cannot be reached"
        case .timedOut, .poolExhausted: return "PostgreSQL does not answer in time"
        case .closed: return "PostgreSQL cannot be reached"
        case .cancelled, .decoding: return nil
        case .configuration: return "DATABASE_URL is wrong"
        case .migration: return "PostgreSQL's schema is another program's"
        }
    }

    /// The server is out of something, or at odds with its disk.
    package var isShortage: Bool { ["53", "58"].contains(sqlState?.prefix(2) ?? "") }

    package var sqlState: String? { if case .server(let state) = code { state } else { nil } }

    /// The same statement or transaction may well succeed when it is run again.
    package var isRetryable: Bool {
        switch code {
        case .server(let state): state == "40001" || state == "40P01" || isUnavailable
        case .connection, .timedOut, .poolExhausted: true
        case .cancelled, .closed, .decoding, .configuration, .migration: false
        }
    }

    /// Whether the statement was carried out is not known.
    package var isAnswerLost: Bool { code == .connection || code == .timedOut }

    /// The server refused the statement itself; nothing of its transaction stays, and it would be refused again.
    package var isRefusal: Bool { sqlState != nil && !isUnavailable }

    /// The server refused what a parameter holds (data exceptions, broken constraints, limits of the program): the same values would be refused
    /// for ever, and other ones may well be taken.
    package var isRefusalOfValues: Bool { ["22", "23", "54"].contains(sqlState?.prefix(2) ?? "") }

    /// PostgreSQL cannot be reached, or is stopping, starting, read-only, out of something (class 53) or at odds with its disk (class 58); or what has
    /// to be locked is, for longer than one may wait.
    package var isUnavailable: Bool {
        switch code {
        case .server(let state):
            ["08", "53", "58"].contains(state.prefix(2)) || state.hasPrefix("57P") || ["25006", "57014", "55P03"].contains(state)
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
