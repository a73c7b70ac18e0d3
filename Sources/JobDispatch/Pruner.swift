import CoreMetrics
package import Logging
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Removes what is old from PostgreSQL's tables. One worker at a time does it.
package struct Pruner: Service {
    private let records: StoreRecords
    private let retention: Retention
    private let worker: String
    private let interval: Duration
    private let logger: Logger

    package init(records: StoreRecords, retention: Retention, worker: String, interval: Duration = .seconds(600), logger: Logger) {
        self.records = records
        self.retention = retention
        self.worker = worker
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            var wait = interval
            do {
                if try await records.hold(.prune, worker: worker, for: interval * 2), try await prune() { wait = .seconds(1) }
            } catch {
                logger.warning("Old rows could not be removed", metadata: ["error": "\(error)"])
            }
            await pause(for: wait)
        }
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
