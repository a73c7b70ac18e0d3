import CLibpq
import Foundation

/// Where the database is, and how connections to it behave.
package struct PostgresConfiguration: Sendable, CustomStringConvertible {
    /// libpq's connection URI, with its password.
    let url: String
    package let applicationName: String
    /// At most this many connections.
    package let poolSize: Int
    /// The longest wait for a free connection.
    package let acquireTimeout: Duration

    /// PostgreSQL's settings for a session, which a new connection sets by SET: not by libpq's `options`, which pgbouncer refuses.
    private var settings = [
        ("statement_timeout", "30s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s"), ("TimeZone", "UTC"),
        ("DateStyle", "ISO"),
    ]
    /// What the URI says, by libpq's keywords, with its password.
    private let told: [String: String]
    /// Where the URI leads to, in its order.
    let hosts: [PostgresHost]

    /// `url`: libpq's URI (`postgresql://user:password@host:port/database?sslmode=…`). Throws `.configuration` for another text.
    package init(
        url: String,
        applicationName: String,
        poolSize: Int = 4,
        acquireTimeout: Duration = .seconds(5)
    ) throws(PostgresError) {
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
            throw PostgresError(code: .configuration, message: "DATABASE_URL must begin with postgresql://")
        }
        guard (1...100).contains(poolSize) else {
            throw PostgresError(code: .configuration, message: "the connection pool must have 1 to 100 places")
        }
        var errorMessage: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(url, &errorMessage) else {
            unsafe PQfreemem(errorMessage)
            // libpq's own text quotes the URI, and so the password.
            throw PostgresError(code: .configuration, message: "DATABASE_URL is not a connection URI that libpq understands")
        }
        let told = unsafe Self.told(options)
        unsafe PQconninfoFree(options)
        self.told = told
        hosts = PostgresHost.all(host: told["host"], address: told["hostaddr"], port: told["port"])
        let own = try Self.settingNames(in: told["options"] ?? "")
        settings.removeAll { own.contains($0.0.lowercased()) }
        self.url = url
        self.applicationName = applicationName
        self.poolSize = poolSize
        self.acquireTimeout = acquireTimeout
    }

    /// For reads by key or along an index, whose plans are kept: one that was made while a table was small must not read all of it when it has grown.
    var forReads: PostgresConfiguration {
        var configuration = self
        configuration.settings += [("enable_seqscan", "off"), ("jit", "off")]
        return configuration
    }

    /// What a new connection runs first.
    var greeting: String { settings.map { "SET \($0.0) = '\($0.1)'" }.joined(separator: "; ") }

    private static func told(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var told: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val { unsafe told[String(cString: keyword)] = String(cString: value) }
            unsafe option += 1
        }
        return told
    }

    /// The settings that the URI's `options` sets, in lower case: they count more than ours. Throws `.configuration` for two that answers are read by.
    private static func settingNames(in options: String) throws(PostgresError) -> Set<String> {
        let names = Set(options.matches(of: /(?:-c\s*|--)([A-Za-z_.-]+)\s*=/).map { $0.1.lowercased().replacing("-", with: "_") })
        guard names.isDisjoint(with: ["timezone", "datestyle", "client_encoding", "intervalstyle"]) else {
            throw PostgresError(
                code: .configuration,
                message:
                    "DATABASE_URL's options must leave TimeZone, DateStyle, IntervalStyle and client_encoding as they are: answers are read by them"
            )
        }
        return names
    }

    /// The same address as the service `name` of a file that libpq's programs read (`PGSERVICEFILE`): so its password is in no argument and in no
    /// environment. Throws `.configuration` for what cannot stand in such a file.
    package func serviceFile(_ name: String) throws(PostgresError) -> String {
        let lines = told.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        guard !lines.contains(where: { $0.contains { $0.isNewline } || $0.last?.isWhitespace == true || $0.utf8.count > 250 }) else {
            throw PostgresError(
                code: .configuration,
                message: "DATABASE_URL has what no service file of libpq can have: a line's end, a space at an end, or 250 bytes"
            )
        }
        return (["[\(name)]"] + lines).joined(separator: "\n") + "\n"
    }

    /// Without user and password. What does not look like a host or a name is left out: a mistyped URI has its password there.
    package var description: String {
        guard let parts = URLComponents(string: url) else { return "postgresql" }
        return "postgresql://\(Self.plain(parts.host ?? ""))\(parts.port.map { ":\($0)" } ?? "")\(Self.plain(parts.path))"
    }

    /// The text if it looks like a host or the path of a database, else `…`.
    private static func plain(_ text: String) -> String {
        let isPlain = text.drop { $0 == "/" }.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: text.hasPrefix("/") ? "_-.".utf8.contains(byte) : "_-.:[]".utf8.contains(byte)
            }
        }
        return isPlain ? text : "…"
    }

    /// libpq's keywords: what follows the URI stands over it, what precedes it is a default.
    ///
    /// `host`: the one of the URI's that is tried, and at which address.
    func keywords(for host: PostgresHost, at address: String?) -> [(String, String)] {
        [
            // After a failover the old server may still be there, read-only.
            ("target_session_attrs", "read-write"),
            // Looking for a Kerberos descriptor at each connection brings its libraries to life, for what hardly anybody has.
            ("gssencmode", "disable"),
            ("dbname", url),
            ("application_name", applicationName),
            ("connect_timeout", "5"),
            ("keepalives_idle", "30"),
            ("tcp_user_timeout", "15000"),
            ("client_encoding", "UTF8"),
        ] + (host.name.map { [("host", $0)] } ?? []) + (host.port.map { [("port", $0)] } ?? []) + (address.map { [("hostaddr", $0)] } ?? [])
    }
}
