import Hummingbird
import StoreDomain

/// Whose event streams are counted together: a user's, or those of an address where nobody is named.
struct StreamCaller: Sendable {
    let name: String
    let limit: Int

    /// `nil`: this caller's are not counted.
    init?(_ context: APIContext, limits: RequestLimits) {
        guard limits.streamsPerCaller > 0 else { return nil }
        if let user = context.user {
            name = "user:\(user.rawValue)"
        } else if let address = context.address {
            name = "address:\(address)"
        } else {
            return nil
        }
        limit = limits.streamsPerCaller
    }
}
