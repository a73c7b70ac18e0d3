import Cluster
import StoreDomain

/// What is to be installed for a store: nothing secret.
struct ReleasePlan {
    /// The chart's folder.
    let chart: String
    /// All values, but the nodes' addresses: nothing depends on the chart's own.
    let values: JSON
    let digest: String
    /// What the spec left open is filled in.
    let spec: StoreSpec
    let url: String
    /// Whether the chart may change a store's data.
    let migrates: Bool
    /// Whether the app's image is the chart's, of which the chart speaks, and not one that the installation named.
    private let hasTheChartsImage: Bool

    /// `base`: all values of the store as it was; `nil`: they are made from the chart's files and the installation's settings.
    init(store: Store, _ desired: DesiredState, chart: Chart, base: JSON?, settings: ProvisioningSettings) throws {
        var values = base ?? Self.rendered(for: store, chart, settings)
        func set(_ path: String..., to value: JSON?) {
            if let value { values = values.setting(path, to: value) }
        }
        set("storeName", to: .string(store.name.rawValue))
        set("plan", to: .string(store.spec.plan.rawValue))
        // Charts before 1.1.0 do not know how to sleep, those before 1.2.0 not how to close, and those before 1.3.0 not how to shut.
        for (state, value) in [(DesiredState.asleep, "asleep"), (.closed, "closed"), (.shut, "shut")]
        where desired == state || !chart.values[value].isNull {
            guard !chart.values[value].isNull else { throw ClusterError(code: .configuration, message: Self.tooOld(chart, value)) }
            set(value, to: .bool(desired == state))
        }
        if store.spec.isStaging || !chart.values["staging"].isNull { set("staging", to: .bool(store.spec.isStaging)) }
        // Charts before 1.3.0 have one host.
        let own = store.spec.ownHosts
        if !own.hosts.isEmpty || !chart.values["domains"].isNull {
            guard !chart.values["domains"].isNull else { throw ClusterError(code: .configuration, message: Self.hasOneHost(chart)) }
            set("domains", to: .array(own.hosts.map { .object(["host": .string($0.rawValue), "secret": .string($0.objectName)]) }))
            set("primaryHost", to: .string(own.primary?.rawValue ?? ""))
        }
        if store.isVerification { set("ingress", "enabled", to: false) }
        set("adminRevision", to: .integer(Int64(store.spec.adminRevision)))
        set("host", to: store.spec.host.map(JSON.string))
        set("persistence", "storageClass", to: store.spec.storageClass.map(JSON.string))
        set("persistence", "database", "size", to: store.spec.database.map { .string($0.description) })
        set("persistence", "uploads", "size", to: store.spec.uploads.map { .string($0.description) })
        // Without the nodes: they come and go, and the policy that names them is kept up to date without a release.
        set("networkPolicy", "nodeCidrs", to: .array([]))

        var spec = store.spec
        spec.version = chart.version
        guard let host = values["host"].string, let scheme = values["scheme"].string else {
            throw ClusterError(code: .configuration, message: "The store's values name no host or scheme.")
        }
        spec.fillIn(from: values)
        self.chart = chart.folder
        migrates = chart.migrates
        hasTheChartsImage = values["image"] == chart.values["image"]
        self.values = values
        self.spec = spec
        let address = values["primaryHost"].string.flatMap { $0.isEmpty ? nil : $0 } ?? host
        url = scheme + "://" + address + (values["publicPort"].int.map { ":\($0)" } ?? "")
        digest = try ChartDigest.of(chart: chart.folder, values: values, secrets: settings.installation.secrets)
    }

    private static func tooOld(_ chart: Chart, _ state: String) -> String {
        "Version \(chart.version) of the chart cannot hold a store \(state). Upgrade the store to a newer version first."
    }

    private static func hasOneHost(_ chart: Chart) -> String {
        "Version \(chart.version) of the chart serves a store at one host. Upgrade the store to a newer version first."
    }

    private static func rendered(for store: Store, _ chart: Chart, _ settings: ProvisioningSettings) -> JSON {
        let addressing = settings.addressing
        let own: [String: JSON] = [
            "storeId": .string(store.id.rawValue), "host": .string(addressing.host(for: store.namespace)),
            "scheme": .string(addressing.scheme.rawValue), "publicPort": addressing.port.map { .integer(Int64($0)) } ?? .null,
        ]
        return chart.values.merging(settings.installation.values(for: store.engine)).merging(.object(own))
    }

    /// Whether the chart lets a changed app start beside its predecessor: those before 1.3.0 do not.
    var startsBeside: Bool { !values["rollout"].isNull }

    /// With what the digest leaves out. `replacesFirst`: the app's old pod goes before the new one comes. A chart that changes no data has its
    /// image start beside the old one; those before 1.3.0 do not know how.
    func values(openTo networks: [String], replacesFirst: Bool = false) -> JSON {
        var open = values.setting(["networkPolicy", "nodeCidrs"], to: .array(networks.map(JSON.string)))
        if !migrates && hasTheChartsImage && !values["imageMigrates"].isNull { open = open.setting(["imageMigrates"], to: false) }
        return startsBeside && replacesFirst ? open.setting(["rollout"], to: "after") : open
    }
}
