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

    package var description: String { code == .configuration ? message : "Redis: " + message }

    /// What is wrong with the server or with how it is asked, for operators and for whoever looks at the health: without an address, a name or a
    /// secret. `nil`: one request was wrong.
    package var problem: String? {
        switch code {
        case .connection, .closed: "Redis cannot be reached"
        case .timedOut, .poolExhausted: "Redis does not answer in time"
        case .cancelled: nil
        case .configuration: "REDIS_URL is wrong"
        case .server(let prefix): Self.problem(prefix, message)
        }
    }

    private static func problem(_ prefix: String, _ message: String) -> String? {
        switch prefix {
        case "NOAUTH": "Redis wants a password, and REDIS_URL has none"
        case "WRONGPASS": "Redis does not know the user and password of REDIS_URL"
        // Before 6.0, and where no password is set.
        case "ERR" where message.contains("invalid password"): "Redis does not know the user and password of REDIS_URL"
        case "ERR" where message.contains("AUTH") && message.contains("without any password"):
            "REDIS_URL has a password, and Redis has none set"
        case "ERR" where message.contains("DB index is out of range"): "Redis does not have the database that REDIS_URL names"
        case "NOPERM": "The user of REDIS_URL may not do what is needed: it must be let run scripts and touch all keys"
        case "READONLY": "Redis is a read-only replica: point REDIS_URL at the primary"
        case "MASTERDOWN": "Redis is a replica that has lost its primary: point REDIS_URL at the primary"
        case "MISCONF": "Redis takes no writes, since it cannot save them: is its disk full?"
        case "OOM": "Redis takes no writes, since its memory is full (maxmemory)"
        case "NOREPLICAS": "Redis takes no writes, since too few of its replicas follow (min-replicas-to-write)"
        case "LOADING": "Redis is starting: it still reads its data"
        case "CLUSTERDOWN": "Redis is a cluster that is down"
        case "MOVED", "ASK", "CROSSSLOT": "Redis is a cluster, and REDIS_URL names a node that does not have the queue"
        case "BUSY": "Redis is busy with a script that does not end"
        case "UNKILLABLE", "DENIED": "Redis refuses this client: \(prefix)"
        default: nil
        }
    }

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
