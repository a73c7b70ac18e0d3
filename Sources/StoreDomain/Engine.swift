/// The store software that a store runs.
package enum Engine: String, Sendable, CaseIterable, Codable {
    case woocommerce
    case medusa

    /// Where the engine's administration lives below the store's address.
    package var adminPath: String {
        switch self {
        case .woocommerce: "/wp-admin"
        case .medusa: "/app"
        }
    }
}
