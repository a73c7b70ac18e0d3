import Cluster
import StoreDomain

/// What is to be installed for a store: nothing secret.
struct ReleasePlan {
    let chart: String
    let values: JSON
    let digest: String

    init(store: Store, settings: ProvisioningSettings) throws {
        guard let chart = settings.charts[store.engine] else {
            throw ClusterError(code: .configuration, message: "There is no chart for \(store.engine.rawValue).")
        }
        var own: [String: JSON] = [
            "storeId": .string(store.id.rawValue), "storeName": .string(store.name.rawValue),
            "host": .string(settings.addressing.host(for: store.namespace)), "scheme": .string(settings.addressing.scheme.rawValue),
        ]
        // Absent at first: a store whose password nobody asked for anew is not applied anew.
        if store.adminRevision > 0 { own["adminRevision"] = .integer(Int64(store.adminRevision)) }
        if let port = settings.addressing.port { own["publicPort"] = .integer(Int64(port)) }
        self.chart = chart
        values = own.reduce(settings.installation.values(for: store.engine)) { $0.setting([$1.key], to: $1.value) }
        // Without the nodes: they come and go, and the policy that names them is kept up to date without a release.
        digest = try ChartDigest.of(chart: chart, values: values, secrets: settings.installation.secrets(for: store.engine))
    }

    /// With what the digest leaves out.
    func values(openTo networks: [String]) -> JSON {
        values.setting(["networkPolicy", "nodeCidrs"], to: .array(networks.map(JSON.string)))
    }
}
