import Foundation

/// Where Redis is, and as whom to speak to it.
package struct RedisConfiguration: Sendable, CustomStringConvertible {
    enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    let address: Address
    /// An ACL user; `nil` for the default user.
    let user: String?
    let password: String?
    let database: Int
    let clientName: String
    package let poolSize: Int
    package let acquireTimeout: Duration

    /// `url`: `redis://[[user]:password@]host[:port][/database]` or `redis+unix:///path[?db=n]`. Throws `.configuration` for another text;
    /// `rediss://` too: hiredis 0.14 has no TLS (docs/SYSTEM_DESIGN.md tells what to do instead).
    package init(
        url: String,
        clientName: String,
        poolSize: Int = 4,
        acquireTimeout: Duration = .seconds(3)
    ) throws(RedisError) {
        func wrong(_ message: String) -> RedisError { RedisError(code: .configuration, message: "REDIS_URL " + message) }
        guard let parts = URLComponents(string: url), let scheme = parts.scheme else { throw wrong("is no URL") }
        switch scheme {
        case "redis":
            guard let host = parts.host, !host.isEmpty else { throw wrong("names no host") }
            address = .tcp(host: host, port: parts.port ?? 6_379)
            let path = parts.path.drop { $0 == "/" }
            guard path.isEmpty || Int(path) != nil else { throw wrong("ends in something that is no database number") }
            database = Int(path) ?? 0
        case "redis+unix":
            guard !parts.path.isEmpty else { throw wrong("names no socket") }
            address = .unix(path: parts.path)
            database = parts.queryItems?.first { $0.name == "db" }?.value.flatMap { Int($0) } ?? 0
        case "rediss":
            throw wrong("asks for TLS, which this client cannot do: use a TLS sidecar or a private network")
        default:
            throw wrong("must begin with redis:// or redis+unix://")
        }
        guard (0...65_535).contains(database) else { throw wrong("names a database below 0") }
        guard (1...100).contains(poolSize) else {
            throw RedisError(code: .configuration, message: "the connection pool must have 1 to 100 places")
        }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password
        self.clientName = clientName.replacing(" ", with: "-")
        self.poolSize = poolSize
        self.acquireTimeout = acquireTimeout
    }

    /// Without user and password.
    package var description: String {
        switch address {
        case .tcp(let host, let port): "redis://\(host):\(port)/\(database)"
        case .unix(let path): "redis+unix://\(path)?db=\(database)"
        }
    }

    /// What a new connection sends first.
    var greeting: [[String]] {
        var commands: [[String]] = []
        if let password { commands.append(["AUTH"] + (user.map { [$0] } ?? []) + [password]) }
        if database != 0 { commands.append(["SELECT", String(database)]) }
        commands.append(["CLIENT", "SETNAME", clientName])
        return commands
    }
}
