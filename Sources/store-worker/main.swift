import Cluster
import Configuration
import Foundation
import JobDispatch
import JobQueue
import Logging
import Observability
import Postgres
import Provisioning
import Redis
import ServiceLifecycle
import StoreDomain
import StoreRecords
import StoreWorker
import ThreadedIO
import UnixSignals

ignoreBrokenPipes()
let reader = ConfigReader(provider: EnvironmentVariablesProvider())
bootstrapLogging(level: reader.string(forKey: "log.level"))
var logger = Logger(label: "store-worker")

do {
    let programFolder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    let settings = try WorkerSettings(reader: reader, programFolder: programFolder)
    logger[metadataKey: "worker"] = "\(settings.name)"
    let pool = PostgresPool(
        configuration: try PostgresConfiguration(
            url: reader.string(forKey: "database.url", isSecret: true, default: PlatformDefaults.databaseURL),
            applicationName: settings.name,
            poolSize: 4
        )
    )
    let redis = RedisClient(
        configuration: try RedisConfiguration(
            url: reader.string(forKey: "redis.url", isSecret: true, default: PlatformDefaults.redisURL),
            clientName: settings.name
        )
    )
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("store-worker-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let cluster = try KubernetesConfiguration.find(path: settings.kubeconfig, environment: ProcessInfo.processInfo.environment)
    let kubernetes = try KubernetesClient(configuration: cluster)
    let helm = HelmClient(
        configuration: .init(
            helm: settings.helm,
            guardProgram: settings.helmGuard,
            kubeconfig: cluster.kubeconfigPath,
            times: settings.times,
            home: home
        )
    )
    let records = StoreRecords(pool: pool)
    let queue = JobQueue(redis: redis)
    let provisioner = Provisioner(kubernetes: kubernetes, helm: helm, settings: settings.provisioning)
    let dispatcher = Dispatcher(
        configuration: .init(
            worker: settings.name,
            slots: settings.slots,
            provisionLimit: settings.provisionLimit,
            times: settings.times,
            grace: settings.grace
        ),
        records: records,
        queue: queue,
        handler: ProvisioningHandler(provisioner: provisioner, logger: logger),
        logger: logger
    )
    let services: [any Service] = [
        HealthReporter(
            records: records,
            kubernetes: kubernetes,
            helm: helm,
            dispatcher: dispatcher,
            worker: settings.name,
            slots: settings.slots,
            logger: logger
        ),
        Sweeper(records: records, queue: queue, worker: settings.name, logger: logger),
        dispatcher,
    ]
    let group = ServiceGroup(
        configuration: .init(services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    )
    logger.notice("Working", metadata: ["slots": "\(settings.slots)", "kubernetes": "\(cluster.kubeconfigPath ?? "in-cluster")"])
    try await group.run()
    try await kubernetes.close()
    await redis.close()
    await pool.close()
    try? FileManager.default.removeItem(atPath: home)
} catch {
    logger.critical("The worker cannot run", metadata: ["error": "\(error)"])
    exit(1)
}
