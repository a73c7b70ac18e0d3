package import Logging
package import Postgres
import ServiceLifecycle
import StoreDomain

/// Hears of cancels as they are written, so that Helm is told within a moment instead of with the next beat.
///
/// News that is lost costs a beat at most: the renewal reads the cancel from the job's row.
package struct CancelListener: Service {
    /// Written to by the trigger on `jobs`; the payload is the job's number.
    private static let channel = "job_cancels"

    private let configuration: PostgresConfiguration
    private let dispatcher: Dispatcher
    private let logger: Logger

    package init(configuration: PostgresConfiguration, dispatcher: Dispatcher, logger: Logger) {
        self.configuration = configuration
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// To stand before the dispatcher in the service group, which shuts services down in reverse: it listens for as long as attempts run.
    package func run() async throws {
        let listener = PostgresListener(configuration: configuration, channels: [Self.channel], logger: logger)
        let dispatcher = dispatcher
        await cancelWhenGracefulShutdown {
            await listener.run { event in
                switch event {
                case .resynchronise: dispatcher.running.lookAgainAtAll()
                case .notification(let notification):
                    if let job = JobID(notification.payload) { dispatcher.running.lookAgain(job) }
                }
            }
        }
    }
}
