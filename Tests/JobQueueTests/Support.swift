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

func descriptor(
    _ number: Int64,
    _ kind: JobKind = .provision,
    _ jobClass: JobClass? = nil,
    user: String? = nil,
    namespace: String? = nil,
    notBefore: Date? = nil
) throws -> JobDescriptor {
    JobDescriptor(
        id: try #require(JobID(number)),
        kind: kind,
        jobClass: jobClass,
        store: StoreID.random(),
        namespace: try #require(StoreNamespace(namespace ?? "store-n\(number)")),
        user: user.flatMap { UserID($0) },
        notBefore: notBefore
    )
}

let roomy = ClassLimits(interactive: 10_000, background: 10_000)

extension JobQueue {
    func taken(_ limits: ClassLimits = roomy, lease: Duration = .seconds(3_600), kinds: [JobKind] = JobKind.allCases) async throws
        -> LeasedJob?
    {
        if case .taken(let jobs) = try await take(worker: "w", limits: limits, lease: lease, kinds: kinds) { jobs.first } else { nil }
    }

    func takenNumbers(_ count: Int, _ limits: ClassLimits = roomy, kinds: [JobKind] = JobKind.allCases) async throws -> [Int64] {
        var numbers: [Int64] = []
        while numbers.count < count, let job = try await taken(limits, kinds: kinds) { numbers.append(job.descriptor.id.rawValue) }
        return numbers
    }

    func isCapped(_ limits: ClassLimits) async throws -> Bool {
        if case .capped = try await take(worker: "w", limits: limits, lease: .seconds(60)) { true } else { false }
    }
}
