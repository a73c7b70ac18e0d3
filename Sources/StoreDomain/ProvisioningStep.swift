/// The five steps that clients show, in the order in which they are shown.
package enum ProvisioningStep: String, Sendable, CaseIterable, Codable {
    case namespaceCreated = "namespace"
    case secretsGenerated = "secrets"
    case databaseReady = "database"
    case appDeployed = "app"
    case ingressReady = "ingress"

    package var label: String {
        switch self {
        case .namespaceCreated: "Namespace created"
        case .secretsGenerated: "Secrets generated"
        case .databaseReady: "Database ready"
        case .appDeployed: "App deployed"
        case .ingressReady: "Ingress ready"
        }
    }
}
