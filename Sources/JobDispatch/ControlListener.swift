package import Logging
package import Postgres
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Hears of orders as they are written: cancels, so that Helm is told within a moment instead of with the next renewal; and drains.
///
/// News of a cancel that is lost costs a renewal at most: the renewal reads it from the job's row. Whether the worker is drained is
/// asked anew each time that the connection was lost.
package struct ControlListener: Service {
    /// Written to by the trigger on `jobs`; the payload is the job's number.
    private static let cancels = "job_cancels"

    private let configuration: PostgresConfiguration
    private let records: StoreRecords
    private let dispatcher: Dispatcher
    private let worker: String
    private let logger: Logger

    package init(configuration: PostgresConfiguration, records: StoreRecords, dispatcher: Dispatcher, worker: String, logger: Logger) {
        self.configuration = configuration
        self.records = records
        self.dispatcher = dispatcher
        self.worker = worker
        self.logger = logger
    }

    /// To stand before the dispatcher in the service group, which shuts services down in reverse: it listens for as long as attempts run.
    package func run() async throws {
        let channels = [Self.cancels, StoreRecords.drainsChannel]
        let listener = PostgresListener(configuration: configuration, channels: channels, logger: logger)
        await cancelWhenGracefulShutdown {
            await listener.run { event in
                switch event {
                case .resynchronise:
                    dispatcher.running.lookAgainAtAll()
                    await askWhetherDraining()
                case .notification(let notification) where notification.channel == StoreRecords.drainsChannel:
                    if notification.payload == worker { await askWhetherDraining() }
                case .notification(let notification):
                    if let job = JobID(notification.payload) { dispatcher.running.lookAgain(job) }
                }
            }
        }
    }

    private func askWhetherDraining() async {
        do {
            let drains = try await records.isDraining(worker)
            if dispatcher.drain(drains) { logger.notice("An operator's order", metadata: ["takes-jobs": "\(!drains)"]) }
        } catch {
            logger.warning("Whether this worker is drained could not be read", metadata: ["error": "\(error)"])
        }
    }
}
