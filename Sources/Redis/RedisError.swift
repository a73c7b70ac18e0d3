/// What went wrong between us and Redis.
package struct RedisError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// An error reply; its first word, e.g. `WRONGTYPE`, `NOSCRIPT`, `READONLY`.
        case server(prefix: String)
        /// No connection could be made, or it broke. The command may have run.
        case connection
        /// No answer in time. The command may have run.
        case timedOut
        case cancelled
        case poolExhausted
        case closed
        /// The connection string is wrong.
        case configuration
    }

    package let code: Code
    /// For operators; holds no password.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// From an error reply's text.
    init(reply: String) {
        self.init(code: .server(prefix: String(reply.prefix { $0 != " " })), message: reply)
    }

    package var description: String { "Redis: " + message }

    /// Redis cannot be reached, is loading, or became a replica.
    package var isUnavailable: Bool {
        switch code {
        case .connection, .timedOut, .poolExhausted, .closed: true
        case .server(let prefix):
            ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "BUSY", "OOM", "MISCONF", "NOREPLICAS"].contains(prefix)
        case .cancelled, .configuration: false
        }
    }

    var isUnknownScript: Bool { code == .server(prefix: "NOSCRIPT") }

    /// The connection is not to be used again: the server behind it is no longer the one that takes writes.
    var endsConnection: Bool { [.server(prefix: "READONLY"), .server(prefix: "LOADING"), .server(prefix: "MASTERDOWN")].contains(code) }
}
