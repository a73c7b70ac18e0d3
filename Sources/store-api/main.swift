import Configuration
import Foundation
import Hummingbird
import JobDispatch
import JobQueue
import Logging
import Observability
import Postgres
import Program
import Redis
import ServiceLifecycle
import StoreAPI
import StoreDomain
import StoreRecords
import ThreadedIO

ignoreBrokenPipes()
bootstrapLogging(level: ProcessInfo.processInfo.environment["LOG_LEVEL"])
let logger = Logger(label: "store-api")

do {
    let reader = try ConfigReader.program()
    let settings = try APISettings(reader: reader)
    let database = try PostgresConfiguration(
        url: reader.string(forKey: "database.url", isSecret: true, default: PlatformDefaults.databaseURL),
        applicationName: "store-api",
        poolSize: 4,
        acquireTimeout: .seconds(3)
    )
    let pool = PostgresPool(configuration: database)
    let redis = RedisClient(
        configuration: try RedisConfiguration(
            url: reader.string(forKey: "redis.url", isSecret: true, default: PlatformDefaults.redisURL),
            clientName: "store-api"
        )
    )
    let queue = JobQueue(redis: redis)
    let records = StoreRecords(pool: pool)
    let feed = ChangeFeed(records: records, configuration: database, limit: settings.eventStreams, logger: logger)
    let api = try StoreAPI(
        settings: settings,
        dependencies: .init(records: records, queue: queue, jobs: AcceptedJobs(queue: queue, logger: logger), feed: feed)
    )
    let application = api.application(logger: logger) { port in logger.notice("Listening", metadata: ["port": "\(port)"]) }
    try await ServiceGroup.run([application, feed], logger: logger)
    await redis.close()
    await pool.close()
} catch {
    logger.critical("The API cannot run", metadata: ["error": "\(error)"])
    exit(1)
}
