package import Hummingbird
package import Logging
import NIOCore
package import StoreRecords

/// Answers for the hosts whose store does not serve now, behind an ingress that falls through to it.
package struct StoreGate: Sendable {
    private let settings: GateSettings
    private let records: StoreRecords

    /// The longest that a request waits for PostgreSQL: what `records`' pool is to have as its patience.
    package static let patience = Duration.milliseconds(1_500)

    package init(settings: GateSettings, records: StoreRecords) {
        self.settings = settings
        self.records = records
    }

    /// `onListening` gets the port, which matters where the setting is 0.
    package func application(
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            responder: GateResponder(lookup: StoreLookup(logger: logger) { [records] in try await records.store(atHost: $0) }),
            server: .http1(
                configuration: .init(
                    idleTimeout: TimeAmount(settings.requestTimeout),
                    httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1_024, maxHeaderListSize: 32 * 1_024, maxHeaderFieldCount: 100)
                )
            ),
            configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "store-weaver"),
            onServerRunning: { channel in if let port = channel.localAddress?.port { await onListening(port) } },
            logger: logger
        )
    }
}
