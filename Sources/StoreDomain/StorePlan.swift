/// How much a store gets. Each is a key of `plans` in the charts' values, which say what that is.
package enum StorePlan: String, Sendable, CaseIterable, Codable {
    case small
    case medium
    case large

    /// In units, of which a user has so many. A sleeping store counts half.
    package var units: Int {
        switch self {
        case .small: 1
        case .medium: 2
        case .large: 4
        }
    }
}
