import Cluster
import StoreDomain

/// Where a store's data is, as its namespace has it now, whatever chart made it.
struct KeeperPlace: Equatable {
    var databaseImage: String
    /// The name of its Service.
    var databaseHost: String
    var databaseUser: Int64
    var databaseSecret: String
    /// In the Secret.
    var passwordKey: String
    var databasePort: Int64
    /// Who owns the uploads.
    var filesUser: Int64
    var uploadsClaim: String?
    var appRuns: Bool
    /// Members of a pod's spec that say where it may run and how its images are pulled.
    var scheduling: [String: JSON]

    /// `nil`: there is no database to work with.
    init?(of store: Store, statefulSets: [JSON], deployments: [JSON], claims: [JSON]) {
        func isPart(_ component: String) -> (JSON) -> Bool {
            { $0.label(StoreLabels.component) == component && $0.label(StoreLabels.storeID) == store.id.rawValue && !$0.isTerminating }
        }
        guard let set = statefulSets.first(where: isPart("database")), let host = set["spec"]["serviceName"].string,
            claims.contains(where: isPart("database"))
        else { return nil }
        let pod = set["spec"]["template"]["spec"]
        guard let image = pod["containers"].items.first?["image"].string else { return nil }
        let app = deployments.first(where: isPart("app"))
        databaseImage = image
        databaseHost = host
        databaseUser = pod["securityContext"]["runAsUser"].integer ?? (store.engine == .woocommerce ? 999 : 70)
        filesUser = app?["spec"]["template"]["spec"]["securityContext"]["runAsUser"].integer ?? (store.engine == .woocommerce ? 33 : 1_000)
        switch store.engine {
        case .woocommerce: (databaseSecret, passwordKey, databasePort) = ("mysql-secret", "mysql-password", 3_306)
        case .medusa: (databaseSecret, passwordKey, databasePort) = ("\(store.id)-secret", "postgres-password", 5_432)
        }
        uploadsClaim = claims.first(where: isPart("app"))?.name
        appRuns = (app?["spec"]["replicas"].integer ?? 0) > 0
        scheduling = [:]
        for key in ["imagePullSecrets", "nodeSelector", "tolerations", "priorityClassName"] where !pod[key].isNull {
            scheduling[key] = pod[key]
        }
    }
}

extension JSON {
    fileprivate var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
}
