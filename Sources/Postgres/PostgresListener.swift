package import Logging
import ThreadedIO

/// Listens on a connection of its own, for as long as it runs, through restarts of the server.
package struct PostgresListener: Sendable {
    package enum Event: Sendable, Equatable {
        /// The connection is (again) there; what was sent meanwhile is lost, so look at the tables.
        case resynchronise
        case notification(PostgresNotification)
    }

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let logger: Logger

    /// `channels`: names of our own; letters, digits and `_`.
    package init(configuration: PostgresConfiguration, channels: [String], logger: Logger) {
        precondition(channels.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } })
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
    }

    /// Returns when the task is cancelled.
    package func run(_ body: (Event) async -> Void) async {
        var connecting = Backoff()
        while !Task.isCancelled {
            do {
                if let wait = connecting.wait() { try await Task.sleep(for: wait) }
                let connection = try await PostgresConnection.open(configuration)
                for channel in channels { try await connection.execute("LISTEN \"\(channel)\"") }
                connecting.succeeded()
                await body(.resynchronise)
                while true {
                    // The statement finds a connection that died without a word.
                    if let notification = try await connection.nextNotification(deadline: .seconds(30)) {
                        await body(.notification(notification))
                    } else {
                        _ = try await connection.query("SELECT 1", deadline: .seconds(5))
                    }
                }
            } catch {
                connecting.failed()
                if !Task.isCancelled { logger.debug("Listening was interrupted", metadata: ["error": "\(error)"]) }
            }
        }
    }
}
