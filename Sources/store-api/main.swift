import JobDispatch
import JobQueue
import Logging
import Observability
import Program
import Redis
import StoreAPI
import StoreRecords
import ThreadedIO

await ProgramRun.begin("store-api", failure: "The API cannot run") { program in
    let logger = program.logger
    let settings = try APISettings(reader: program.reader)
    if let warning = settings.authMode.warning { logger.warning("\(warning)", metadata: ["mode": "\(settings.authMode.name)"]) }
    // No request waits for longer, however many statements it has.
    let records = try StoreRecords(
        url: program.reader.databaseURL,
        program: program.name,
        acquireTimeout: .seconds(3),
        patience: .seconds(3)
    )
    try await records.refuseTransactionPooling()
    let redis = RedisClient(configuration: try RedisConfiguration(url: program.reader.redisURL, clientName: program.name))
    let queue = JobQueue(redis: redis)
    try await records.checkDatabase()
    let feed = ChangeFeed(records: records, limit: settings.eventStreams, logger: logger)
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
    let figures = InstallationMetrics(records: records, queue: queue, storeLimit: settings.limits.total)
    try await program.run([application, feed], exportsTraces: true) {
        let (database, redis) = (await records.gauges, await redis.gauges)
        return await figures.samples()
            + [Sample("storeweaver_event_streams", [], Double(feed.connected))]
            + Sample.pool("postgres", idle: database.idle, lent: database.lent, waiting: database.waiting)
            + Sample.pool("redis", idle: redis.idle, lent: redis.lent, waiting: redis.waiting)
    }
    await redis.close()
    await records.close()
}
