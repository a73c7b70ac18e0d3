import Configuration
import CoreMetrics
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
let metrics = PrometheusRegistry()
MetricsSystem.bootstrap(metrics)

do {
    let reader = try ConfigReader.program()
    try checkLogLevel(reader)
    for warning in SettingNames.warnings() { logger.warning("\(warning)") }
    try OpenFiles.provide()
    let settings = try APISettings(reader: reader)
    if let warning = settings.authMode.warning { logger.warning("\(warning)", metadata: ["mode": "\(settings.authMode.name)"]) }
    let database = try PostgresConfiguration(
        url: reader.text("database.url", isSecret: true) ?? PlatformDefaults.databaseURL,
        applicationName: "store-api",
        poolSize: 4,
        acquireTimeout: .seconds(3)
    )
    // No request waits for longer, however many statements it has.
    let pool = PostgresPool(configuration: database, patience: .seconds(3))
    try await pool.refuseTransactionPooling()
    let redis = RedisClient(
        configuration: try RedisConfiguration(
            url: reader.text("redis.url", isSecret: true) ?? PlatformDefaults.redisURL,
            clientName: "store-api"
        )
    )
    let queue = JobQueue(redis: redis)
    let records = StoreRecords(pool: pool)
    try await records.checkDatabase()
    let feed = ChangeFeed(records: records, configuration: database, limit: settings.eventStreams, logger: logger)
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
    let application = api.application(logger: logger) { port in logger.notice("Listening", metadata: ["port": "\(port)"]) }
    var services: [any Service] = [application, feed]
    if let exporter = try OTLPExporter(reader: reader, service: "store-api", logger: logger) {
        Tracing.bootstrap(exporter)
        services.insert(exporter, at: 0)
    }
    if let port = try OperatorPort(reader: reader, registry: metrics) {
        let figures = InstallationMetrics(records: records, queue: queue, storeLimit: settings.limits.total)
        metrics.collect { await figures.samples() }
        metrics.collect {
            let (database, queue) = (await pool.gauges, await redis.gauges)
            return [Sample("storeweaver_event_streams", [], Double(feed.connected))]
                + Sample.pool("postgres", idle: database.idle, lent: database.lent, waiting: database.waiting)
                + Sample.pool("redis", idle: queue.idle, lent: queue.lent, waiting: queue.waiting)
        }
        services.append(port.application(logger: logger))
    }
    try await ServiceGroup.run(services, logger: logger)
    await redis.close()
    await pool.close()
    endProcess(0)
} catch {
    logger.critical("The API cannot run", metadata: ["error": "\(error)"])
    endProcess(1)
}
