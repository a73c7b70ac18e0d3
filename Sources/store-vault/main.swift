import Configuration
import CoreMetrics
import Foundation
import Hummingbird
import Logging
import Observability
import Program
import ServiceLifecycle
import StoreVault
import ThreadedIO

ignoreBrokenPipes()
bootstrapLogging(level: ProcessInfo.processInfo.environment["LOG_LEVEL"])
let logger = Logger(label: "store-vault")
let metrics = PrometheusRegistry()
MetricsSystem.bootstrap(metrics)

do {
    let reader = try ConfigReader.program()
    try checkLogLevel(reader)
    for warning in SettingNames.warnings() { logger.warning("\(warning)") }
    try OpenFiles.provide()
    let vault = StoreVault(settings: try VaultSettings(reader: reader))
    var services = vault.services(logger: logger) { port in logger.notice("Listening", metadata: ["port": "\(port)"]) }
    if let port = try OperatorPort(reader: reader, registry: metrics) { services.append(port.application(logger: logger)) }
    try await ServiceGroup.run(services, logger: logger)
    try await vault.close()
    endProcess(0)
} catch {
    logger.critical("The vault cannot run", metadata: ["error": "\(error)"])
    endProcess(1)
}
