import Configuration
import Foundation
import Hummingbird
import HummingbirdTesting
import JobDispatch
import JobQueue
import Logging
import NIOCore
import Postgres
import Redis
import StoreAPI
import StoreRecords
import TestSupport

/// What a test may look at beside the responses.
struct APIUnderTest: Sendable {
    let routes: [String]
    let queue: JobQueue
    let pool: PostgresPool

    func execute(_ sql: SQL) async throws { _ = try await pool.query(sql) }
}

/// Lends the port at which the real API listens.
func withLiveAPI(_ environment: [String: String] = [:], _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withAPI(environment, by: .live) { client, _ in
        guard let port = client.port else { throw TestSupportError(message: "the API listens nowhere") }
        try await body(port)
    }
}

/// Lends a client of the real API over a real PostgreSQL and Redis.
func withAPI(
    _ environment: [String: String] = [:],
    redisAway: Bool = false,
    patience: Duration? = nil,
    by framework: TestingSetup = .router,
    _ body: @escaping @Sendable (any TestClientProtocol, APIUnderTest) async throws -> Void
) async throws {
    try await Places.servers.with {
        try await TestDatabases.withMigratedDatabase { database in
            try await TestRedis.withRedis { cache in
                let pool = PostgresPool(configuration: database, patience: patience)
                // Nothing listens on port 1.
                let redis = RedisClient(
                    configuration: redisAway ? try RedisConfiguration(url: "redis://127.0.0.1:1", clientName: "tests") : cache
                )
                let queue = JobQueue(redis: redis)
                let logger = Logger(label: "tests")
                let records = StoreRecords(pool: pool)
                let feed = ChangeFeed(records: records, logger: logger)
                let settings = try settings(environment)
                let api = try StoreAPI(
                    settings: settings,
                    dependencies: .init(
                        records: records,
                        queue: queue,
                        jobs: JobEnqueuer(queue: queue, logger: logger),
                        feed: feed,
                        authenticator: try await Authenticator(settings: settings, records: records, logger: logger)
                    )
                )
                try await api.application(logger: logger).test(framework) { client in
                    try await body(client, APIUnderTest(routes: api.routes, queue: queue, pool: pool))
                }
                await redis.close()
                await pool.close()
            }
        }
    }
}

func settings(_ environment: [String: String]) throws -> APISettings {
    try APISettings(reader: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment)))
}

extension TestResponse {
    /// The body as a JSON object; empty for anything else.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))) as? [String: Any] ?? [:]
    }

    var error: String? { object["error"] as? String }
    var store: [String: Any] { object["store"] as? [String: Any] ?? [:] }
}
