/// What somebody is of one store; each may do all that those before may. `store_members.role` has the same words, but for the owner's.
package enum StoreRole: String, Sendable, CaseIterable, Comparable {
    /// Sees the store.
    case viewer
    /// Runs it: its name, version, sleep, backups, domains, logs.
    case manager
    /// Has it, and counts it toward the own quota: plan and volumes, its administrator, exports, members, its end. Each store has one.
    case owner

    package static func < (left: StoreRole, right: StoreRole) -> Bool {
        switch (left, right) {
        case (.viewer, .manager), (.viewer, .owner), (.manager, .owner): true
        default: false
        }
    }

    /// What members may be.
    package static let ofMembers: [StoreRole] = [.viewer, .manager]
}

/// Who asks for a store, and what they have to be of it.
package struct StoreAccess: Sendable, Equatable {
    package let user: UserID
    package let least: StoreRole

    package init(_ user: UserID, _ least: StoreRole) {
        self.user = user
        self.least = least
    }

    /// The same user, who has to be at least that as well.
    package func raised(to role: StoreRole) -> StoreAccess { StoreAccess(user, max(least, role)) }
}
