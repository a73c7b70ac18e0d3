import Benchmark
import Foundation
import JobQueue
import Postgres
import Redis
import StoreDomain
import StoreRecords

/// The private servers that `scripts/bench micro` starts; the database has stores of `owner-7`.
private let environment = ProcessInfo.processInfo.environment

func withRecords(_ body: (StoreRecords) async throws -> Void) async throws {
    let pool = PostgresPool(
        configuration: try PostgresConfiguration(url: environment["DATABASE_URL"] ?? "", applicationName: "hot-parts", poolSize: 1)
    )
    try await body(StoreRecords(pool: pool))
    await pool.close()
}

/// Reads so many rows and does `body` with them as often as the benchmark wants.
func withRows(
    _ count: Int,
    _ benchmark: Benchmark,
    _ body: @escaping @Sendable ([StoreRowView], StoreCursor?) throws -> Void
) async throws {
    let times = benchmark.scaledIterations.count
    try await withRecords { records in
        let query = StoreQuery(visibleTo: UserID("owner-7"), limit: count)
        _ = try await records.list(query)
        benchmark.startMeasurement()
        try await records.list(query) { rows, next in for _ in 0..<times { try body(rows, next) } }
        benchmark.stopMeasurement()
    }
}

func withQueue(_ body: (JobQueue) async throws -> Void) async throws {
    let redis = RedisClient(configuration: try RedisConfiguration(url: environment["REDIS_URL"] ?? "", clientName: "hot-parts"))
    try await body(JobQueue(redis: redis))
    await redis.close()
}

/// Of as many users, each in a namespace of its own.
func someTickets(_ count: Int) -> [JobDescriptor] {
    (1...count).compactMap { number in
        guard let id = JobID(Int64(number)), let namespace = StoreNamespace("store-n\(number)") else { return nil }
        return JobDescriptor(id: id, kind: .provision, store: .random(), namespace: namespace, user: UserID("user\(number)"))
    }
}
