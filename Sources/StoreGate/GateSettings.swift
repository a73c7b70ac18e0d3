package import Configuration
package import Program

/// What the gate is told by its environment.
package struct GateSettings: Sendable {
    let host: String
    let port: Int
    /// How long a connection may be without a whole request: idle, or sending one too slowly.
    let requestTimeout: Duration

    /// Reads, from the environment:
    /// - `HOST` (0.0.0.0), `PORT` (3000; 0 takes a free one): where to listen.
    /// - `REQUEST_TIMEOUT_SECONDS` (30): how long a request may take to arrive, and a connection may be idle.
    package init(reader: ConfigReader) throws(SettingError) {
        host = try reader.listeningHost("host")
        port = try reader.number("port", default: 3_000, in: 0...65_535)
        requestTimeout = .seconds(try reader.number("request.timeout.seconds", default: 30, in: 1...3_600))
    }
}
