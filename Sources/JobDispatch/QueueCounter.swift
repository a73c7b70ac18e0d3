package import Logging
import ServiceLifecycle
package import StoreRecords

/// Counts every minute what became of the queue's jobs in this hour, for operators to see a week of it. One worker at a time does it.
package struct QueueCounter: Service {
    private let records: StoreRecords
    private let turns: Turns

    package init(records: StoreRecords, worker: String, interval: Duration = .seconds(60), logger: Logger) {
        self.records = records
        turns = Turns(.counting, records: records, worker: worker, every: interval, logger: logger)
    }

    package func run() async throws {
        await turns.take(failure: "The queue's hours could not be counted") { try await records.countQueueHours() }
    }
}
