package import Cluster
package import JobDispatch
package import Logging
import ServiceLifecycle
package import StoreDomain
package import StoreRecords

/// Tells PostgreSQL every ten seconds how this worker, its Kubernetes and its Helm are, which charts it has, and the suffix of its stores' hosts; the
/// API reads it there, and the functions that accept stores do.
package struct HealthReporter: Service {
    private let records: StoreRecords
    private let kubernetes: KubernetesClient
    private let helm: HelmClient
    private let dispatcher: Dispatcher
    private let worker: String
    private let slots: Int
    private let limits: ClassLimits
    private let charts: [ChartFacts]
    private let keepsBackups: Bool
    private let hostSuffix: String
    private let logger: Logger

    package init(
        records: StoreRecords,
        kubernetes: KubernetesClient,
        helm: HelmClient,
        dispatcher: Dispatcher,
        worker: String,
        slots: Int,
        limits: ClassLimits,
        charts: [ChartFacts],
        keepsBackups: Bool,
        hostSuffix: String,
        logger: Logger
    ) {
        self.records = records
        self.kubernetes = kubernetes
        self.helm = helm
        self.dispatcher = dispatcher
        self.worker = worker
        self.slots = slots
        self.limits = limits
        self.charts = charts
        self.keepsBackups = keepsBackups
        self.hostSuffix = hostSuffix
        self.logger = logger
    }

    package func run() async throws {
        var version: String?
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            if version == nil {
                do { version = try await helm.version() } catch { logger.warning("Helm does not answer", metadata: ["error": "\(error)"]) }
            }
            var kubernetesAnswers = false
            do {
                kubernetesAnswers = try await kubernetes.get("/version") != nil
            } catch {
                logger.warning("Kubernetes does not answer", metadata: ["error": "\(error)"])
            }
            let report = WorkerReport(
                worker: worker,
                version: version ?? "no helm",
                slots: slots,
                busy: dispatcher.busy,
                kubernetes: kubernetesAnswers,
                helm: version != nil,
                keepsBackups: keepsBackups,
                hostSuffix: hostSuffix,
                limits: limits
            )
            do { try await records.report(report, charts: charts) } catch {
                logger.debug("A report was not taken", metadata: ["error": "\(error)"])
            }
            // Soon again while something is wrong: people wait for it to become right.
            let wait: Duration = kubernetesAnswers && version != nil ? .seconds(10) : .seconds(2)
            await pause(for: wait)
        }
    }
}
