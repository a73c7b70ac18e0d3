package import Configuration
import Foundation
import Observation
import Program
package import Provisioning
package import Sealing
package import StoreDomain
package import StoreRecords

/// What a worker is told by its environment.
package struct WorkerSettings: Sendable {
    package var name: String
    package var slots: Int
    package var limits: ClassLimits
    /// Of owners without a quota of their own, for stores that a schedule wakes.
    package var unitsPerUser: Int
    /// When rollouts that respect it may begin stores; `nil`: at any hour.
    package var rolloutWindow: AwakeSchedule?
    package var grace: Duration
    package var times: LeaseTimes
    /// Paths of the programs and of the kubeconfig.
    package var helm: String
    package var helmGuard: String
    package var kubeconfig: String?
    package var provisioning: ProvisioningSettings
    private let chartFolders: [Engine: String]
    private let valuesFile: String
    package var watching: ClusterWatcher.Configuration
    /// How often what stores use is noted.
    package var useInterval: Duration
    package var retention: Retention
    /// Seals what owners sign in to their stores with; `nil`: it is not handed over.
    package var seal: CredentialSeal?
    /// `nil`: no backups are kept.
    package var backups: BackupSettings?
    package var domains: DomainSettings

    /// Reads, from the environment:
    /// - `WORKER_NAME` (host name and process id), `WORKER_SLOTS` (4): attempts at once in this process.
    /// - `MAX_CONCURRENT_PROVISIONS` (3), `MAX_CONCURRENT_BACKGROUND` (3): jobs that somebody waits for, and jobs that nobody waits for, at
    ///   once in the whole installation.
    /// - `ROLLOUT_WINDOW` (none): days, hours and a time zone, see `AwakeSchedule.form`, in which rollouts may begin stores.
    /// - `LEASE_…`: see `LeaseTimes.init(reader:)`.
    /// - `DRAIN_SECONDS` (20): how long running attempts may go on after SIGTERM.
    /// - `HELM_PATH` (`helm` on PATH), `HELM_GUARD_PATH` (beside this program), `KUBECONFIG`.
    /// - `HELM_CHART_PATH` (helm/store), `HELM_CHART_PATH_MEDUSA` (helm/medusa-store): the charts of new stores.
    /// - `HELM_CHART_ARCHIVE` (none): a folder with older charts, `<engine>/<version>/Chart.yaml`, for stores that run them.
    /// - `CREDENTIALS_KEYS` (none): seals stores' credentials for the API to show their owners; see `KeyRing`.
    /// - what all stores have in common: see `InstallationValues.init(reader:)`.
    /// - `ENVIRONMENT` (`local`; `production` takes values-prod.yaml, https and the production suffix),
    ///   `LOCAL_INGRESS_SUFFIX` (.localhost), `PROD_INGRESS_SUFFIX` (none, and needed there), `INGRESS_PORT` (the scheme's own).
    /// - `LIMIT_WOOCOMMERCE_SECONDS` (300), `LIMIT_MEDUSA_SECONDS` (600), `LIMIT_UNINSTALL_SECONDS` (180).
    /// - `GRACE_IMAGE_PULL_SECONDS` (120), `GRACE_CONFIGURATION_SECONDS` (60), `GRACE_UNSCHEDULABLE_SECONDS` (180),
    ///   `GRACE_REFUSAL_SECONDS` (60), `GRACE_VOLUME_SECONDS` (180): how long what may pass by itself is watched before it
    ///   fails a store; `GRACE_CRASHES` (5) restarts; `GRACE_UNSERVED_SECONDS` (20) until a store whose pods are well, but which does
    ///   not serve, is started anew; `GRACE_DEGRADED_SECONDS` (10) until an unwell store is called degraded.
    /// - `INGRESS_ADDRESS_REQUIRED` (true), `INGRESS_CERTIFICATE_REQUIRED` (true): whether a store is ready only once its Ingress has an
    ///   address and the Secret of its certificate is there; false where no controller writes the one, or a wildcard certificate serves.
    /// - `NODE_CIDRS` (those of the cluster's nodes): networks, separated by commas, from which the API server's service proxy reaches stores.
    /// - `WORKER_CLUSTER_ROLE`, `WORKER_SERVICE_ACCOUNT` (`namespace/name`): what the worker binds itself to in each store's
    ///   namespace; both, or neither where its account may do everything.
    /// - `HEALTH_PROBE_SECONDS` (60): how often a ready store is asked for its catalogue.
    /// - `USE_SAMPLE_SECONDS` (300): how often it is noted what stores use, where the cluster measures it.
    /// - what backups need: see `BackupSettings.init(reader:imageRegistry:seal:)`.
    /// - what checks of own domains need: see `DomainSettings`.
    /// - `KEEP_JOBS_DAYS` (30), `KEEP_HISTORY_DAYS` (400), `KEEP_AUDIT_DAYS` (400; 90 at least): see `Retention`; 0 keeps for ever.
    ///
    /// Throws `SettingError`, which names the setting. What is only to be had where a worker runs is looked at by `missingParts`.
    package init(reader: ConfigReader, programFolder: String) throws {
        name = try Self.name(reader)
        slots = try reader.number("worker.slots", default: 4, in: 1...64)
        limits = ClassLimits(
            interactive: try reader.number("max.concurrent.provisions", default: 3, in: 1...1_000),
            background: try reader.number("max.concurrent.background", default: 3, in: 1...1_000)
        )
        unitsPerUser = try reader.unitsPerUser()
        rolloutWindow = try reader.value("rollout.window", AwakeSchedule.form) { AwakeSchedule($0) }
        grace = .seconds(try reader.number("drain.seconds", default: 20, in: 0...3_600))
        times = try LeaseTimes(reader: reader)
        helm = try Self.program(reader.text("helm.path") ?? "helm")
        helmGuard = reader.text("helm.guard.path") ?? programFolder + "/helm-guard"
        kubeconfig = reader.text("kubeconfig")

        guard let addressing = try StoreAddressing(reader: reader) else {
            throw SettingError(
                message: "PROD_INGRESS_SUFFIX must name the domain of the stores, e.g. .stores.example.com, with ENVIRONMENT=production"
            )
        }
        chartFolders = [
            .woocommerce: reader.text("helm.chart.path") ?? "helm/store",
            .medusa: reader.text("helm.chart.path.medusa") ?? "helm/medusa-store",
        ]
        valuesFile = addressing.scheme == .https ? "values-prod.yaml" : "values-local.yaml"
        provisioning = ProvisioningSettings(
            addressing: addressing,
            charts: ChartCatalog(
                current: chartFolders,
                archive: try reader.folder("helm.chart.archive")?.path,
                valuesFile: valuesFile
            ),
            installation: try InstallationValues(reader: reader),
            limits: [
                .woocommerce: .seconds(try reader.number("limit.woocommerce.seconds", default: 300, in: 1...86_400)),
                .medusa: .seconds(try reader.number("limit.medusa.seconds", default: 600, in: 1...86_400)),
            ],
            uninstallLimit: .seconds(try reader.number("limit.uninstall.seconds", default: 180, in: 1...86_400)),
            grace: try GracePeriods(reader: reader),
            access: try Self.access(reader),
            nodeNetworks: try Self.nodeNetworks(reader)
        )
        seal = try CredentialSeal(setting: reader.text("credentials.keys", isSecret: true))
        backups = try BackupSettings(reader: reader, imageRegistry: provisioning.installation.imageRegistry, seal: seal)
        provisioning.keeper = backups?.keeper
        domains = try DomainSettings(reader: reader, addressing: addressing, installation: provisioning.installation)
        retention = try Self.retention(reader)
        watching = ClusterWatcher.Configuration(
            grace: provisioning.grace,
            probeInterval: .seconds(try reader.number("health.probe.seconds", default: 60, in: 1...86_400))
        )
        useInterval = .seconds(try reader.number("use.sample.seconds", default: 300, in: 1...3_600))
    }

    /// What has to be on the disk and is not: the guard, and files of the charts; each with the setting that names it.
    package var missingParts: [(setting: String, path: String)] {
        let files = FileManager.default
        var missing: [(String, String)] = files.isExecutableFile(atPath: helmGuard) ? [] : [("HELM_GUARD_PATH", helmGuard)]
        for (engine, setting) in [(Engine.woocommerce, "HELM_CHART_PATH"), (.medusa, "HELM_CHART_PATH_MEDUSA")] {
            let folder = chartFolders[engine] ?? ""
            for file in ["Chart.yaml", "values.yaml", "values.schema.json", valuesFile]
            where !files.isReadableFile(atPath: folder + "/" + file) {
                missing.append((setting, folder + "/" + file))
            }
        }
        return missing
    }

    private static func retention(_ reader: ConfigReader) throws -> Retention {
        func days(_ key: ConfigKey, default standard: Int, least: Int) throws -> Duration? {
            let days = try reader.number(key, default: standard, in: 0...36_500)
            guard days == 0 || days >= least else {
                throw SettingError(message: "\(ConfigReader.variable(key)) must be 0 or \(least) to 36500, not \(days)")
            }
            return days == 0 ? nil : .days(days)
        }
        return Retention(
            jobs: try days("keep.jobs.days", default: 30, least: 1),
            history: try days("keep.history.days", default: 400, least: 1),
            audit: try days("keep.audit.days", default: 400, least: 90)
        )
    }

    /// Redis takes no other names for its connections, and a worker's is one.
    private static func name(_ reader: ConfigReader) throws -> String {
        func isPlain(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }
        let told = try reader.value("worker.name", "1 to 100 visible ASCII characters without a space") {
            $0.utf8.count <= 100 && $0.utf8.allSatisfy(isPlain) ? $0 : nil
        }
        let host = ProcessInfo.processInfo.hostName.utf8.prefix(80).map { isPlain($0) ? $0 : UInt8(ascii: "-") }
        return told ?? "\(String(decoding: host, as: UTF8.self))-\(ProcessInfo.processInfo.processIdentifier)"
    }

    private static func nodeNetworks(_ reader: ConfigReader) throws -> [String]? {
        guard let text = reader.text("node.cidrs") else { return nil }
        guard let networks = NodeAddresses.parse(text) else {
            throw SettingError(message: "NODE_CIDRS must be networks separated by commas, e.g. 10.0.0.7/32, not \"\(text)\"")
        }
        return networks
    }

    private static func access(_ reader: ConfigReader) throws -> NamespaceAccess? {
        let role = reader.text("worker.cluster.role") ?? ""
        let account = reader.text("worker.service.account") ?? ""
        if role.isEmpty, account.isEmpty { return nil }
        guard let access = NamespaceAccess(clusterRole: role, account: account) else {
            throw SettingError(
                message: "WORKER_CLUSTER_ROLE must name a ClusterRole and WORKER_SERVICE_ACCOUNT a namespace/name, or neither be set"
            )
        }
        return access
    }

    /// The path of a program that is named with or without its folder.
    private static func program(_ name: String) throws -> String {
        if name.contains("/") {
            guard FileManager.default.isExecutableFile(atPath: name) else {
                throw SettingError(message: "HELM_PATH must name a program that can be run; \(name) is none")
            }
            return name
        }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
            throw SettingError(message: "HELM_PATH is not set and there is no \(name) on PATH")
        }
        return "\(folder)/\(name)"
    }
}
