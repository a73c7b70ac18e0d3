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
        var values: [String: JSON] = [
            "storeId": .string(store.id.rawValue), "storeName": .string(store.name.rawValue),
            "host": .string(settings.addressing.host(for: store.namespace)), "scheme": .string(settings.addressing.scheme.rawValue),
        ]
        // Absent at first: a shop whose password nobody asked for anew is not applied anew.
        if store.adminRevision > 0 { values["adminRevision"] = .integer(Int64(store.adminRevision)) }
        if let port = settings.addressing.port { values["publicPort"] = .integer(Int64(port)) }
        if let registry = settings.imageRegistry { values["imageRegistry"] = .string(registry) }
        self.chart = chart
        self.values = .object(values)
        // Without the nodes: they come and go, and the policy that names them is kept up to date without a release.
        digest = try ChartDigest.of(chart: chart, values: self.values)
    }

    /// With what the digest leaves out.
    func values(openTo networks: [String]) -> JSON {
        values.setting(["networkPolicy", "nodeCidrs"], to: .array(networks.map(JSON.string)))
    }
}
