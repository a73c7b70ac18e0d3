import Configuration
import CoreMetrics
import Foundation
import Hummingbird
import Logging
import Observability
import Postgres
import Program
import ServiceLifecycle
import StoreDomain
import StoreGate
import StoreRecords
import ThreadedIO

ignoreBrokenPipes()
bootstrapLogging(level: ProcessInfo.processInfo.environment["LOG_LEVEL"])
let logger = Logger(label: "store-gate")
let metrics = PrometheusRegistry()
MetricsSystem.bootstrap(metrics)

do {
    let reader = try ConfigReader.program()
    try checkLogLevel(reader)
    for warning in SettingNames.warnings() { logger.warning("\(warning)") }
    try OpenFiles.provide()
    let settings = try GateSettings(reader: reader)
    let database = try PostgresConfiguration(
        url: reader.text("database.url", isSecret: true) ?? PlatformDefaults.databaseURL,
        applicationName: "store-gate",
        poolSize: 1,
        acquireTimeout: StoreGate.patience
    )
    let pool = PostgresPool(configuration: database, patience: StoreGate.patience)
    try await pool.refuseTransactionPooling()
    let gate = StoreGate(settings: settings, records: StoreRecords(pool: pool))
    var services: [any Service] = [
        gate.application(logger: logger) { port in logger.notice("Listening", metadata: ["port": "\(port)"]) }
    ]
    if let port = try OperatorPort(reader: reader, registry: metrics) { services.append(port.application(logger: logger)) }
    try await ServiceGroup.run(services, logger: logger)
    await pool.close()
    endProcess(0)
} catch {
    logger.critical("The gate cannot run", metadata: ["error": "\(error)"])
    endProcess(1)
}
