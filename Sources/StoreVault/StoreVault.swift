import AsyncHTTPClient
package import Hummingbird
package import Logging
import NIOCore
package import ServiceLifecycle

/// Lets stores' keepers at their own repositories, each as its token says, and hands through to the storage that has them all.
package struct StoreVault: Sendable {
    private let settings: VaultSettings
    private let http: HTTPClient

    package init(settings: VaultSettings) {
        self.settings = settings
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: VaultStorage.configuration)
    }

    package func close() async throws { try await http.shutdown() }

    /// `onListening` gets the port, which matters where the setting is 0.
    package func services(logger: Logger, onListening: @escaping @Sendable (Int) async -> Void = { _ in }) -> [any Service] {
        var services: [any Service] = [application(logger: logger, onListening: onListening)]
        if let volume = settings.volume { services.append(VolumeReporter(volume: volume)) }
        return services
    }

    package func application(
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            responder: VaultResponder(
                keys: settings.keys,
                archiveKeys: settings.archiveKeys,
                storage: VaultStorage(http: http, address: settings.storage),
                volume: settings.volume,
                logger: logger
            ),
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(120),
                    httpDecoderConfiguration: .init(maxHeaderFieldSize: 4_096, maxHeaderListSize: 16 * 1_024, maxHeaderFieldCount: 50)
                )
            ),
            configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "store-weaver"),
            onServerRunning: { channel in if let port = channel.localAddress?.port { await onListening(port) } },
            logger: logger
        )
    }
}
