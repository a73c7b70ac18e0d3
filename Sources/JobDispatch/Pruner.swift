import CoreMetrics
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Removes what is old from PostgreSQL's tables. One worker at a time does it.
package struct Pruner: Service {
    private let records: StoreRecords
    private let retention: Retention
    private let turns: Turns
    private let logger: Logger

    package init(records: StoreRecords, retention: Retention, worker: String, interval: Duration = .seconds(600), logger: Logger) {
        self.records = records
        self.retention = retention
        turns = Turns(.prune, records: records, worker: worker, every: interval, holding: 2, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        await turns.take(failure: "Old rows could not be removed") { _ in try await prune() ? .seconds(1) : nil }
    }

    /// A batch of each table; true when there may be more. Stores last: what hangs on them goes before.
    package func prune(limit: Int = 1_000) async throws -> Bool {
        var hasMore = false
        for table in StoreRecords.AgeingTable.allCases {
            let count = try await records.prune(table, by: retention, limit: limit)
            guard count > 0 else { continue }
            Counter(label: "storeweaver_pruned_rows_total", dimensions: [("table", table.rawValue)]).increment(by: count)
            logger.info("Old rows were removed", metadata: ["table": "\(table.rawValue)", "rows": "\(count)"])
            hasMore = hasMore || count == limit
        }
        return hasMore
    }
}
