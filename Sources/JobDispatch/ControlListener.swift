package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Hears of orders as they are written: cancels, so that Helm is told within a moment instead of with the next renewal; and drains.
///
/// News of a cancel that is lost costs a renewal at most: the renewal reads it from the job's row. Whether the worker is drained is
/// asked anew each time that the connection was lost.
package struct ControlListener: Service {
    private let records: StoreRecords
    private let dispatcher: Dispatcher
    private let worker: String
    private let logger: Logger

    package init(records: StoreRecords, dispatcher: Dispatcher, worker: String, logger: Logger) {
        self.records = records
        self.dispatcher = dispatcher
        self.worker = worker
        self.logger = logger
    }

    /// To stand before the dispatcher in the service group, which shuts services down in reverse: it listens for as long as attempts run.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await records.listen(to: .cancels, .drains, logger: logger) { news in
                switch news {
                case .resynchronise:
                    dispatcher.running.lookAgainAtAll()
                    await askWhetherDraining()
                case .drain(worker): await askWhetherDraining()
                case .cancel(let job): dispatcher.running.lookAgain(job)
                default: break
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
