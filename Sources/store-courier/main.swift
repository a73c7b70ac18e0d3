import Configuration
import CoreMetrics
import Foundation
import Logging
import Observability
import Postgres
import Program
import ServiceLifecycle
import StoreCourier
import StoreDomain
import StoreRecords
import ThreadedIO

ignoreBrokenPipes()
bootstrapLogging(level: ProcessInfo.processInfo.environment["LOG_LEVEL"])
let logger = Logger(label: "store-courier")
let metrics = PrometheusRegistry()
MetricsSystem.bootstrap(metrics)

do {
    let reader = try ConfigReader.program()
    try checkLogLevel(reader)
    for warning in SettingNames.warnings() { logger.warning("\(warning)") }
    try OpenFiles.provide()
    let settings = try CourierSettings(reader: reader)
    let database = try PostgresConfiguration(
        url: reader.text("database.url", isSecret: true) ?? PlatformDefaults.databaseURL,
        applicationName: "store-courier",
        poolSize: 2
    )
    let pool = PostgresPool(configuration: database)
    try await pool.refuseTransactionPooling()
    var services: [any Service] = [
        Courier(
            records: StoreRecords(pool: pool),
            seal: settings.seal,
            webhooks: WebhookSender(check: OutboundCheck(policy: settings.policy)),
            mail: settings.mail.map { MailSender(server: $0.server, page: $0.page, logger: logger) },
            logger: logger
        )
    ]
    if let port = try OperatorPort(reader: reader, registry: metrics) { services.append(port.application(logger: logger)) }
    logger.notice("The courier is at work")
    try await ServiceGroup.run(services, logger: logger)
    await pool.close()
    endProcess(0)
} catch {
    logger.critical("The courier cannot run", metadata: ["error": "\(error)"])
    endProcess(1)
}
