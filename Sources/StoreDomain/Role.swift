/// What somebody may do beside having stores; each may all that those before may.
package enum Role: String, Sendable, CaseIterable, Comparable {
    case user
    /// Sees every store, and has the queue in hand.
    case `operator`
    /// Changes every store, and manages accounts.
    case admin

    package static func < (left: Role, right: Role) -> Bool {
        switch (left, right) {
        case (.user, .operator), (.user, .admin), (.operator, .admin): true
        default: false
        }
    }
}
