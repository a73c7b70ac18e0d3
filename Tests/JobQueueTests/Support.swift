import Foundation
import JobQueue
import Redis
import StoreDomain
import TestSupport
import Testing

func withQueue(_ body: (JobQueue, RedisClient) async throws -> Void) async throws {
    try await TestRedis.withRedis { configuration async throws in
        let redis = RedisClient(configuration: configuration)
        try await body(JobQueue(redis: redis, name: "test"), redis)
        await redis.close()
    }
}

func descriptor(_ number: Int64, _ kind: JobKind = .provision, user: String? = nil, namespace: String? = nil, notBefore: Date? = nil)
    throws -> JobDescriptor
{
    JobDescriptor(
        id: try #require(JobID(number)),
        kind: kind,
        store: StoreID.random(),
        namespace: try #require(StoreNamespace(namespace ?? "store-n\(number)")),
        user: user.flatMap { UserID($0) },
        notBefore: notBefore
    )
}

extension JobQueue {
    func taken(limit: Int = 1_000, lease: Duration = .seconds(60)) async throws -> LeasedJob? {
        if case .taken(let jobs) = try await take(worker: "w", provisionLimit: limit, lease: lease) { jobs.first } else { nil }
    }

    func takenNumbers(_ count: Int) async throws -> [Int64] {
        var numbers: [Int64] = []
        while numbers.count < count, let job = try await taken() { numbers.append(job.descriptor.id.rawValue) }
        return numbers
    }

    func isCapped(limit: Int) async throws -> Bool {
        if case .capped = try await take(worker: "w", provisionLimit: limit, lease: .seconds(60)) { true } else { false }
    }
}
