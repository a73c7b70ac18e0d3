package import JobQueue
package import Observability
package import StoreRecords

/// How the whole installation is, read anew for each scrape: every API tells the same.
package struct InstallationMetrics: Sendable {
    private let records: StoreRecords
    private let queue: JobQueue
    private let storeLimit: Int

    package init(records: StoreRecords, queue: JobQueue, storeLimit: Int) {
        self.records = records
        self.queue = queue
        self.storeLimit = storeLimit
    }

    package func samples() async -> [Sample] {
        async let ofRecords = recorded()
        async let ofQueue = queued()
        return await ofRecords + ofQueue + [Sample("storeweaver_stores_limit", [], Double(storeLimit))]
    }

    private func recorded() async -> [Sample] {
        guard let figures = try? await records.figures() else { return [Sample("storeweaver_database_up", [], 0)] }
        return [Sample("storeweaver_database_up", [], 1)]
            + figures.map { Sample("storeweaver_" + $0.name, $0.labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, $0.value) }
    }

    private func queued() async -> [Sample] {
        guard let depth = try? await queue.depth() else { return [Sample("storeweaver_redis_up", [], 0)] }
        let lists = [
            ("ready", depth.ready), ("apart", depth.apart), ("delayed", depth.delayed), ("running", depth.running), ("dead", depth.dead),
        ]
        return [Sample("storeweaver_redis_up", [], 1)]
            + lists.map { Sample("storeweaver_redis_jobs", [("list", $0)], Double($1)) }
    }
}
