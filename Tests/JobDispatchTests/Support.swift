import JobDispatch
import JobQueue
import Logging
import Postgres
import Redis
import ServiceLifecycle
import StoreDomain
import StoreRecords
import Synchronization
import TestSupport

/// A handler whose attempts the test ends by hand.
final class ScriptedHandler: JobHandler {
    struct Running: Sendable {
        let attempt: Attempt
        let finish: @Sendable (AttemptOutcome) -> Void
    }

    private let begun: AsyncStream<Running>
    private let sink: AsyncStream<Running>.Continuation
    private let overlaps = Mutex<[StoreNamespace: Int]>([:])
    let mostAtOnce = Mutex(0)

    init() { (begun, sink) = AsyncStream.makeStream(of: Running.self) }

    /// The next attempt that begins.
    func next() async -> Running? {
        for await running in begun { return running }
        return nil
    }

    func run(_ attempt: Attempt) async -> AttemptOutcome {
        let namespace = attempt.store.namespace
        overlaps.withLock { counts in
            counts[namespace, default: 0] += 1
            let now = counts[namespace] ?? 0
            mostAtOnce.withLock { $0 = max($0, now) }
        }
        defer { overlaps.withLock { $0[namespace, default: 1] -= 1 } }
        let (outcomes, result) = AsyncStream.makeStream(of: AttemptOutcome.self)
        sink.yield(Running(attempt: attempt) { result.yield($0) })
        for await outcome in outcomes { return outcome }
        // The stream ends when the task is cancelled.
        return .interrupted
    }
}

/// A queue and records over private servers, and workers over them.
struct Platform: Sendable {
    let records: StoreRecords
    let queue: JobQueue
    let redis: RedisClient
    let pool: PostgresPool
    let database: PostgresConfiguration
    let logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

    static func run(_ body: (Platform) async throws -> Void) async throws {
        try await TestRedis.withRedis(poolSize: 8) { configuration async throws in try await run(over: configuration, body) }
    }

    static func run(over redisConfiguration: RedisConfiguration, _ body: (Platform) async throws -> Void) async throws {
        try await TestDatabases.withMigratedDatabase { configuration async throws in
            let redis = RedisClient(configuration: redisConfiguration)
            let pool = PostgresPool(configuration: configuration)
            try await body(
                Platform(
                    records: StoreRecords(pool: pool),
                    queue: JobQueue(redis: redis, name: "test"),
                    redis: redis,
                    pool: pool,
                    database: configuration
                )
            )
            await redis.close()
            await pool.close()
        }
    }

    /// For tests whose leases lapse.
    static let quickTimes = LeaseTimes(
        renewal: .milliseconds(100),
        term: .milliseconds(800),
        kill: .milliseconds(900),
        lease: .seconds(1),
        settle: .milliseconds(50)
    )

    /// For the others: leases that outlast a slow machine's pauses, and renewals that are soon.
    static let lastingTimes = LeaseTimes(
        renewal: .milliseconds(100),
        term: .seconds(20),
        kill: .seconds(25),
        lease: .seconds(30),
        settle: .milliseconds(50)
    )

    /// Runs a worker (dispatcher and sweeper) while `body` runs, then shuts it down gracefully.
    func withWorker(
        _ name: String = "w1",
        handler: any JobHandler,
        times: LeaseTimes = lastingTimes,
        grace: Duration = .seconds(20),
        sweeps: Bool = true,
        slots: Int = 4,
        limits: ClassLimits = ClassLimits(),
        _ body: (ServiceGroup) async throws -> Void
    ) async throws {
        let (group, running) = start(
            name,
            handler: handler,
            times: times,
            grace: grace,
            sweeps: sweeps,
            slots: slots,
            limits: limits
        )
        do {
            try await body(group)
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    /// Starts a worker that the test ends itself: gracefully by the group, at once by cancelling the task.
    func start(
        _ name: String = "w1",
        handler: any JobHandler,
        times: LeaseTimes = lastingTimes,
        grace: Duration = .seconds(20),
        sweeps: Bool = true,
        slots: Int = 4,
        limits: ClassLimits = ClassLimits()
    ) -> (ServiceGroup, Task<Void, any Error>) {
        let dispatcher = Dispatcher(
            configuration: DispatcherConfiguration(
                worker: name,
                slots: slots,
                limits: limits,
                times: times,
                grace: grace,
                poll: .milliseconds(200)
            ),
            records: records,
            renewals: records,
            queue: queue,
            handler: handler,
            logger: logger
        )
        var services: [any Service] = [
            ControlListener(records: records, dispatcher: dispatcher, worker: name, logger: logger), dispatcher,
        ]
        if sweeps { services.append(Sweeper(records: records, queue: queue, worker: name, interval: .milliseconds(100), logger: logger)) }
        let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: logger))
        return (group, Task { try await group.run() })
    }

    func accepted(_ name: String, enqueue: Bool = true) async throws -> (Store, JobDescriptor) {
        let request = NewStore(name: try StoreName(name), engine: .woocommerce, owner: UserID("ada"))
        guard
            case .accepted(let store, let descriptor) = try await records.create(request, limits: StoreLimits(total: 1_000, perUser: 1_000))
        else {
            throw TestSupportError(message: "\(name) was not accepted")
        }
        if enqueue { try await queue.enqueue([descriptor]) }
        return (store, descriptor)
    }

    /// Waits for the store to be in a state that the test wants to see.
    func store(_ id: StoreID, until isReached: (Store?) -> Bool) async throws -> Store? {
        while true {
            let store = try await records.store(id, visibleTo: nil)
            if isReached(store) { return store }
            await Task.yield()
        }
    }
}

extension Operator {
    static let ops = Operator(name: "ops", source: .storectl)
}
