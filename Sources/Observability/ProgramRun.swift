package import Configuration
import CoreMetrics
import Foundation
package import Logging
import Program
package import ServiceLifecycle
import ThreadedIO

/// One run of a server program: how each of them begins and ends.
package struct ProgramRun: Sendable {
    package let name: String
    package let reader: ConfigReader
    package let metrics: PrometheusRegistry
    package let logger: Logger

    /// Binds logs and metrics, reads the settings, runs `body` and ends the process: with 0 when it returns, with 1 and `failure` in the log when
    /// it throws.
    package static func begin(_ name: String, failure: Logger.Message, _ body: (ProgramRun) async throws -> Void) async -> Never {
        ignoreBrokenPipes()
        bootstrapLogging(level: ProcessInfo.processInfo.environment["LOG_LEVEL"])
        let logger = Logger(label: name)
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        do {
            let reader = try ConfigReader.program()
            try checkLogLevel(reader)
            for warning in SettingNames.warnings() { logger.warning("\(warning)") }
            try OpenFiles.provide()
            try await body(ProgramRun(name: name, reader: reader, metrics: metrics, logger: logger))
            endProcess(0)
        } catch {
            logger.critical(failure, metadata: ["error": "\(error)"])
            endProcess(1)
        }
    }

    /// Runs the services until they end or the process is told to, and beside them the operator's port where there is one; `samples` is asked at
    /// each scrape. `exportsTraces`: to where the settings say. Throws `SettingError`, and what the services throw.
    package func run(
        _ services: [any Service],
        exportsTraces: Bool = false,
        samples: (@Sendable () async -> [Sample])? = nil,
        logger: Logger? = nil
    ) async throws {
        let logger = logger ?? self.logger
        var services = services
        if exportsTraces, let exporter = try OTLPExporter(reader: reader, service: name, logger: logger) {
            Tracing.bootstrap(exporter)
            services.insert(exporter, at: 0)
        }
        if let port = try OperatorPort(reader: reader, registry: metrics) {
            if let samples { metrics.collect(samples) }
            services.append(port.application(logger: logger))
        }
        try await ServiceGroup.run(services, logger: logger)
    }
}
