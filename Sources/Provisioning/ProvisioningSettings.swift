package import Observation
package import StoreDomain

/// What the provisioner is told.
package struct ProvisioningSettings: Sendable {
    package var addressing: StoreAddressing
    package var charts: ChartCatalog
    package var installation: InstallationValues
    /// How long a store may take to become ready, per engine.
    package var limits: [Engine: Duration]
    package var uninstallLimit: Duration
    package var grace: GracePeriods
    /// What the worker grants itself in each store's namespace; `nil` where its account may do everything anyway.
    package var access: NamespaceAccess?
    /// The networks that the API server's service proxy comes from; `nil`: those of the cluster's nodes.
    package var nodeNetworks: [String]?
    /// `nil`: no backups are kept.
    package var keeper: KeeperSettings?

    package init(
        addressing: StoreAddressing,
        charts: ChartCatalog,
        installation: InstallationValues = InstallationValues(),
        limits: [Engine: Duration] = [.woocommerce: .seconds(300), .medusa: .seconds(600)],
        uninstallLimit: Duration = .seconds(180),
        grace: GracePeriods = GracePeriods(),
        access: NamespaceAccess? = nil,
        nodeNetworks: [String]? = nil,
        keeper: KeeperSettings? = nil
    ) {
        self.addressing = addressing
        self.charts = charts
        self.installation = installation
        self.limits = limits
        self.uninstallLimit = uninstallLimit
        self.grace = grace
        self.access = access
        self.nodeNetworks = nodeNetworks
        self.keeper = keeper
    }

    /// How long a store of this engine may take to become ready.
    func limit(of engine: Engine) -> Duration { limits[engine] ?? .seconds(600) }
}
