import Cluster
import Foundation
import JobDispatch
import JobQueue
import Logging
import Observability
import Program
import Provisioning
import Redis
import ServiceLifecycle
import StoreDomain
import StoreRecords
import StoreWorker
import ThreadedIO

await ProgramRun.begin("store-worker", failure: "The worker cannot run") { program in
    let reader = program.reader
    var logger = program.logger
    let programFolder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().path ?? "."
    let settings = try WorkerSettings(reader: reader, programFolder: programFolder)
    if let missing = settings.missingParts.first { throw SettingError(message: "\(missing.setting) is wrong: there is no \(missing.path)") }
    logger[metadataKey: "worker"] = "\(settings.name)"
    let records = try StoreRecords(url: reader.databaseURL, program: settings.name)
    try await records.refuseTransactionPooling()
    let renewals = try StoreRecords(url: reader.databaseURL, program: settings.name, connections: 2)
    let redis = RedisClient(configuration: try RedisConfiguration(url: reader.redisURL, clientName: settings.name))
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("store-worker-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let cluster = try KubernetesConfiguration.find(path: settings.kubeconfig, environment: ProcessInfo.processInfo.environment)
    let kubernetes = try KubernetesClient(configuration: cluster)
    var helmSettings = HelmClient.Configuration(
        helm: settings.helm,
        guardProgram: settings.helmGuard,
        kubeconfig: cluster.kubeconfigPath,
        times: settings.times,
        home: home
    )
    helmSettings.freshKubeconfig = { try await cluster.kubeconfigForHelm(in: home) }
    let helm = HelmClient(configuration: helmSettings)
    let helmVersion = try await helm.version()
    logger.info("Helm was found", metadata: ["version": "\(helmVersion)"])
    try await records.checkDatabase()
    let queue = JobQueue(redis: redis)
    let provisioner = Provisioner(kubernetes: kubernetes, helm: helm, settings: settings.provisioning)
    let dispatcher = Dispatcher(
        configuration: .init(
            worker: settings.name,
            slots: settings.slots,
            limits: settings.limits,
            times: settings.times,
            grace: settings.grace
        ),
        records: records,
        renewals: renewals,
        queue: queue,
        handler: ProvisioningHandler(
            provisioner: provisioner,
            records: records,
            seal: settings.seal,
            retention: settings.backups?.retention,
            logger: logger
        ),
        logger: logger
    )
    var services: [any Service] = [
        HealthReporter(
            records: records,
            kubernetes: kubernetes,
            helm: helm,
            dispatcher: dispatcher,
            worker: settings.name,
            slots: settings.slots,
            limits: settings.limits,
            charts: settings.provisioning.charts.facts().map { $0.keeping(settings.backups?.retention) },
            keepsBackups: settings.backups != nil,
            hostSuffix: settings.provisioning.addressing.suffix,
            logger: logger
        ),
        ControlListener(records: records, dispatcher: dispatcher, worker: settings.name, logger: logger),
        OrphanFinder(records: records, kubernetes: kubernetes, worker: settings.name, logger: logger),
        ClusterWatcher(
            configuration: settings.watching,
            records: records,
            kubernetes: kubernetes,
            worker: settings.name,
            logger: logger
        ),
        NodeAccessKeeper(
            records: records,
            kubernetes: kubernetes,
            told: settings.provisioning.nodeNetworks,
            worker: settings.name,
            logger: logger
        ),
        CapacityReporter(records: records, kubernetes: kubernetes, worker: settings.name, logger: logger),
        UseSampler(
            records: records,
            kubernetes: kubernetes,
            worker: settings.name,
            interval: settings.useInterval,
            logger: logger
        ),
        LogRelay(records: records, kubernetes: kubernetes, worker: settings.name, logger: logger),
        Sweeper(records: records, queue: queue, worker: settings.name, logger: logger),
        ScheduleFollower(
            records: records,
            jobs: JobEnqueuer(queue: queue, logger: logger),
            worker: settings.name,
            unitsPerUser: settings.unitsPerUser,
            logger: logger
        ),
        RolloutConductor(
            records: records,
            jobs: JobEnqueuer(queue: queue, logger: logger),
            worker: settings.name,
            window: settings.rolloutWindow,
            logger: logger
        ),
        DomainChecker(
            records: records,
            jobs: JobEnqueuer(queue: queue, logger: logger),
            kubernetes: kubernetes,
            settings: settings.domains,
            worker: settings.name,
            logger: logger
        ),
        QueueCounter(records: records, worker: settings.name, logger: logger),
        Pruner(records: records, retention: settings.retention, worker: settings.name, logger: logger),
        dispatcher,
    ]
    if let backups = settings.backups {
        let night = backups.services(
            records: records,
            jobs: JobEnqueuer(queue: queue, logger: logger),
            seal: settings.seal,
            worker: settings.name,
            logger: logger
        )
        services.insert(contentsOf: night, at: services.count - 1)
    }
    logger.notice("Working", metadata: ["slots": "\(settings.slots)", "kubernetes": "\(cluster.kubeconfigPath ?? "in-cluster")"])
    let samples: @Sendable () async -> [Sample] = { [slots = settings.slots] in
        let busy = dispatcher.busy
        let (database, renewals, queue) = (await records.gauges, await renewals.gauges, await redis.gauges)
        return [
            Sample("storeweaver_slots", [("state", "busy")], Double(busy)),
            Sample("storeweaver_slots", [("state", "free")], Double(max(0, slots - busy))),
        ] + Sample.pool("postgres", idle: database.idle, lent: database.lent, waiting: database.waiting)
            + Sample.pool("renewals", idle: renewals.idle, lent: renewals.lent, waiting: renewals.waiting)
            + Sample.pool("redis", idle: queue.idle, lent: queue.lent, waiting: queue.waiting)
    }
    try await program.run(services, exportsTraces: true, samples: samples, logger: logger)
    try await kubernetes.close()
    await redis.close()
    await renewals.close()
    await records.close()
    try? FileManager.default.removeItem(atPath: home)
}
