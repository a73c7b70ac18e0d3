package import Logging
package import ServiceLifecycle
import UnixSignals

extension ServiceGroup {
    /// Runs services until they end, or the first SIGTERM or SIGINT lets them end gracefully; a second one cancels them.
    package static func run(_ services: [any Service], logger: Logger) async throws {
        let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
        let running = Task { try await group.run() }
        let signals = Task {
            var isSecond = false
            for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                if isSecond {
                    logger.notice("Stopping now", metadata: ["signal": "\(signal)"])
                    running.cancel()
                } else {
                    logger.notice("Stopping gracefully; a second signal is faster", metadata: ["signal": "\(signal)"])
                    await group.triggerGracefulShutdown()
                }
                isSecond = true
            }
        }
        defer { signals.cancel() }
        do { try await running.value } catch is CancellationError {}
    }
}
