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
    package var provisionLimit: Int
    package var grace: Duration
    package var times: LeaseTimes
    /// Paths of the programs and of the kubeconfig.
    package var helm: String
    package var helmGuard: String
    package var kubeconfig: String?
    package var provisioning: ProvisioningSettings
    package var watching: ClusterWatcher.Configuration
    package var retention: Retention
    /// Seals what owners sign in to their shops with; `nil`: it is not handed over.
    package var seal: CredentialSeal?

    /// Reads, from the environment:
    /// - `WORKER_NAME` (host name and process id), `WORKER_SLOTS` (4): attempts at once in this process.
    /// - `MAX_CONCURRENT_PROVISIONS` (3): provisions at once in the whole installation.
    /// - `LEASE_…`: see `LeaseTimes.init(reader:)`.
    /// - `DRAIN_SECONDS` (20): how long running attempts may go on after SIGTERM.
    /// - `HELM_PATH` (`helm` on PATH), `HELM_GUARD_PATH` (beside this program), `KUBECONFIG`.
    /// - `HELM_CHART_PATH` (helm/store), `HELM_CHART_PATH_MEDUSA` (helm/medusa-store).
    /// - `CREDENTIALS_KEYS` (none): seals shops' credentials for the API to show their owners; see `KeyRing`.
    /// - `IMAGE_REGISTRY` (none): put before the names of all images.
    /// - `ENVIRONMENT` (`local`; `production` takes values-prod.yaml, https and the production suffix),
    ///   `LOCAL_INGRESS_SUFFIX` (.localhost), `PROD_INGRESS_SUFFIX` (.yourdomain.com), `INGRESS_PORT` (the scheme's own).
    /// - `LIMIT_WOOCOMMERCE_SECONDS` (300), `LIMIT_MEDUSA_SECONDS` (600), `LIMIT_UNINSTALL_SECONDS` (180).
    /// - `PATIENCE_IMAGE_PULL_SECONDS` (120), `PATIENCE_CONFIGURATION_SECONDS` (60), `PATIENCE_UNSCHEDULABLE_SECONDS` (180),
    ///   `PATIENCE_REFUSAL_SECONDS` (60), `PATIENCE_VOLUME_SECONDS` (180): how long what may heal by itself is watched before it
    ///   fails a store; `PATIENCE_CRASHES` (5) restarts; `PATIENCE_UNSERVED_SECONDS` (20) until a store whose pods are well, but which does
    ///   not serve, is started anew; `PATIENCE_DEGRADED_SECONDS` (10) until an unwell store is called degraded.
    /// - `INGRESS_ADDRESS_REQUIRED` (true), `INGRESS_CERTIFICATE_REQUIRED` (true): whether a store is ready only once its Ingress has an
    ///   address and the Secret of its certificate is there; false where no controller writes the one, or a wildcard certificate serves.
    /// - `NODE_CIDRS` (those of the cluster's nodes): networks, separated by commas, from which the API server's service proxy reaches stores.
    /// - `WORKER_CLUSTER_ROLE`, `WORKER_SERVICE_ACCOUNT` (`namespace/name`): what the worker binds itself to in each store's
    ///   namespace; both, or neither where its account may do everything.
    /// - `HEALTH_PROBE_SECONDS` (60): how often a ready shop is asked for its catalogue.
    /// - `KEEP_JOBS_DAYS` (30), `KEEP_HISTORY_DAYS` (400), `KEEP_AUDIT_DAYS` (400; 90 at least): see `Retention`; 0 keeps for ever.
    ///
    /// Throws `SettingError`, which names the setting.
    package init(reader: ConfigReader, programFolder: String) throws {
        name = reader.string(
            forKey: "worker.name",
            default: "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        )
        slots = try reader.number("worker.slots", default: 4, in: 1...64)
        provisionLimit = try reader.number("max.concurrent.provisions", default: 3, in: 1...1_000)
        grace = .seconds(try reader.number("drain.seconds", default: 20, in: 0...3_600))
        times = try LeaseTimes(reader: reader)
        helm = try Self.program(reader.string(forKey: "helm.path") ?? "helm")
        helmGuard = reader.string(forKey: "helm.guard.path", default: programFolder + "/helm-guard")
        kubeconfig = reader.string(forKey: "kubeconfig")

        let production = reader.string(forKey: "environment", default: "local") == "production"
        let port = try reader.number("ingress.port", default: 0, in: 0...65_535)
        let suffix =
            production
            ? reader.string(forKey: "prod.ingress.suffix", default: ".yourdomain.com")
            : reader.string(forKey: "local.ingress.suffix", default: ".localhost")
        provisioning = ProvisioningSettings(
            addressing: StoreAddressing(
                scheme: production ? .https : .http,
                suffix: suffix,
                port: port == 0 || port == (production ? 443 : 80) ? nil : port
            ),
            charts: [
                .woocommerce: reader.string(forKey: "helm.chart.path", default: "helm/store"),
                .medusa: reader.string(forKey: "helm.chart.path.medusa", default: "helm/medusa-store"),
            ],
            valuesFile: production ? "values-prod.yaml" : "values-local.yaml",
            imageRegistry: reader.string(forKey: "image.registry").flatMap { $0.isEmpty ? nil : $0 },
            limits: [
                .woocommerce: .seconds(try reader.number("limit.woocommerce.seconds", default: 300, in: 1...86_400)),
                .medusa: .seconds(try reader.number("limit.medusa.seconds", default: 600, in: 1...86_400)),
            ],
            uninstallLimit: .seconds(try reader.number("limit.uninstall.seconds", default: 180, in: 1...86_400)),
            patience: try Patience(reader: reader),
            access: try Self.access(reader),
            nodeNetworks: try Self.nodeNetworks(reader)
        )
        seal = try CredentialSeal(setting: reader.string(forKey: "credentials.keys", isSecret: true))
        retention = try Self.retention(reader)
        watching = ClusterWatcher.Configuration(
            patience: provisioning.patience,
            probeInterval: .seconds(try reader.number("health.probe.seconds", default: 60, in: 1...86_400))
        )
    }

    private static func retention(_ reader: ConfigReader) throws -> Retention {
        func days(_ key: ConfigKey, default standard: Int, least: Int) throws -> Duration? {
            let days = try reader.number(key, default: standard, in: 0...36_500)
            guard days == 0 || days >= least else {
                let name = key.components.joined(separator: "_").uppercased()
                throw SettingError(message: "\(name) must be 0 or \(least) to 36500, not \(days)")
            }
            return days == 0 ? nil : .days(days)
        }
        return Retention(
            jobs: try days("keep.jobs.days", default: 30, least: 1),
            history: try days("keep.history.days", default: 400, least: 1),
            audit: try days("keep.audit.days", default: 400, least: 90)
        )
    }

    private static func nodeNetworks(_ reader: ConfigReader) throws -> [String]? {
        guard let text = reader.string(forKey: "node.cidrs"), !text.isEmpty else { return nil }
        guard let networks = NodeAddresses.parse(text) else {
            throw SettingError(message: "NODE_CIDRS must be networks separated by commas, e.g. 10.0.0.7/32, not \"\(text)\"")
        }
        return networks
    }

    private static func access(_ reader: ConfigReader) throws -> NamespaceAccess? {
        let role = reader.string(forKey: "worker.cluster.role", default: "")
        let account = reader.string(forKey: "worker.service.account", default: "")
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
        if name.contains("/") { return name }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) else {
            throw SettingError(message: "HELM_PATH is not set and there is no \(name) on PATH")
        }
        return "\(folder)/\(name)"
    }
}
