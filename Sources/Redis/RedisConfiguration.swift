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

    /// `nil`: without TLS.
    let tls: RedisTLS?

    /// `url`: `redis://[[user]:password@]host[:port][/database][?db=n]`, the same with `rediss://` for TLS, or `redis+unix:///path[?db=n]`. Of TLS, files
    /// in PEM and the name that the server's certificate must have: `ssl_ca_certs`, `ssl_certfile` with `ssl_keyfile`, `ssl_server_name`.
    ///
    /// Throws `.configuration` for another text, and for a part that would not be looked at.
    package init(
        url: String,
        clientName: String,
        poolSize: Int = 4,
        acquireTimeout: Duration = .seconds(3)
    ) throws(RedisError) {
        func wrong(_ message: String) -> RedisError { RedisError(code: .configuration, message: "REDIS_URL " + message) }
        guard !url.contains("\u{fffd}"), let parts = URLComponents(string: url), let scheme = parts.scheme else { throw wrong("is no URL") }
        let options = try Self.options(of: parts, allowsTLS: scheme == "rediss")
        let path = parts.path.drop { $0 == "/" }
        var number = options["db"]
        switch scheme {
        case "redis", "rediss":
            guard var host = parts.host, !host.isEmpty else { throw wrong("names no host") }
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            address = .tcp(host: host, port: parts.port ?? 6_379)
            guard (1...65_535).contains(parts.port ?? 6_379) else { throw wrong("names a port that cannot be") }
            guard path.isEmpty || number == nil || number == String(path) else { throw wrong("names two databases") }
            if !path.isEmpty { number = String(path) }
            tls = scheme == "rediss" ? try RedisTLS(host: host, options: options) : nil
        case "redis+unix":
            guard !parts.path.isEmpty else { throw wrong("names no socket") }
            address = .unix(path: parts.path)
            tls = nil
        default:
            throw wrong("must begin with redis://, rediss:// or redis+unix://")
        }
        guard let database = Int(number ?? "0"), (0...65_535).contains(database) else {
            throw wrong("names a database that is no number from 0 to 65535")
        }
        self.database = database
        guard (1...100).contains(poolSize) else {
            throw RedisError(code: .configuration, message: "the connection pool must have 1 to 100 places")
        }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        // Some clients take the word alone for the password, others for the user.
        guard user == nil || password != nil else {
            throw wrong("has a user without a password: write user:password@, or :password@ for the default user")
        }
        // Redis takes visible ASCII alone.
        self.clientName = String(clientName.map { $0.isASCII && $0 > " " && $0 < "\u{7f}" ? $0 : "-" })
        self.poolSize = poolSize
        self.acquireTimeout = acquireTimeout
    }

    /// What follows the question mark. A fragment is refused: a `#` in a password that nobody encoded cuts it there.
    private static func options(of parts: URLComponents, allowsTLS: Bool) throws(RedisError) -> [String: String] {
        let known = allowsTLS ? ["db"] + RedisTLS.options : ["db"]
        guard parts.fragment == nil else {
            throw RedisError(code: .configuration, message: "REDIS_URL has a # that is not encoded as %23")
        }
        var options: [String: String] = [:]
        for item in parts.queryItems ?? [] {
            guard known.contains(item.name) else {
                throw RedisError(
                    code: .configuration,
                    message: "REDIS_URL has a parameter that is not known here; there are " + known.joined(separator: ", ")
                )
            }
            options[item.name] = item.value ?? ""
        }
        return options
    }

    /// Without user and password.
    package var description: String {
        switch address {
        case .tcp(let host, let port): "\(tls == nil ? "redis" : "rediss")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
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
