package import Configuration
package import Hummingbird
package import Logging
import Program

/// Where operators' machines ask a process how it is: `/metrics` for Prometheus, and `/livez`. Not for the internet.
package struct OperatorPort: Sendable {
    private let host: String
    private let port: Int
    private let registry: PrometheusRegistry

    /// Reads, from the environment:
    /// - `OPERATOR_PORT` (none: nothing is opened; 0 takes a free one), `OPERATOR_HOST` (0.0.0.0).
    ///
    /// `nil` where nothing is to be opened. Throws `SettingError`.
    package init?(reader: ConfigReader, registry: PrometheusRegistry) throws {
        guard reader.text("operator.port") != nil else { return nil }
        port = try reader.number("operator.port", default: 0, in: 0...65_535)
        host = try reader.listeningHost("operator.host")
        self.registry = registry
    }

    package func application(logger: Logger) -> some ApplicationProtocol {
        let router = Router()
        router.get("/livez") { _, _ in "alive\n" }
        router.get("/metrics") { [registry] _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: await registry.text()))
            )
        }
        return Application(
            router: router,
            configuration: .init(address: .hostname(host, port: port), serverName: "store-weaver"),
            onServerRunning: { channel in
                logger.notice("Metrics port listening", metadata: ["operator-port": "\(channel.localAddress?.port ?? 0)"])
            },
            logger: logger
        )
    }
}
