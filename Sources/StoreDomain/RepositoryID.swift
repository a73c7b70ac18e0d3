/// Whose repository in the vault it is.
package enum RepositoryID: Hashable, Sendable, CustomStringConvertible {
    case store(StoreID)
    /// Of the platform's own database.
    case platform

    package init?(_ text: String) {
        if text == "platform" {
            self = .platform
        } else if let store = StoreID(text) {
            self = .store(store)
        } else {
            return nil
        }
    }

    package var rawValue: String {
        switch self {
        case .store(let store): store.rawValue
        case .platform: "platform"
        }
    }

    package var description: String { rawValue }
}
