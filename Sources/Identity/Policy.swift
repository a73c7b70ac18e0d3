package import StoreDomain

/// What a route is for; each route has one.
package enum Permission: Sendable, CaseIterable {
    /// For everybody, signed in or not: the page, health, signing in.
    case open
    /// Knowing who one is, and how many stores one may have.
    case identify
    /// For a store's viewers.
    case readStores
    /// For a store's managers; what only its owner may, the records say.
    case changeStores
    /// For a store's owner.
    case revealCredentials
    /// The queue, workers, locks, orphans.
    case operate
    /// Accounts, invitations, the audit.
    case administer
    /// One's own password, sessions and tokens: for people, not for their scripts.
    case manageAccount
}

/// Whose stores an allowed request reaches.
package enum AccessScope: Sendable, Equatable {
    case every
    /// Those that this user has, or works on as at least that.
    case own(StoreAccess)
    case none

    /// As the records are asked: `nil` for every store. A route that reaches none must not ask.
    package var access: StoreAccess? {
        switch self {
        case .every: return nil
        case .own(let access): return access
        case .none: preconditionFailure("a route asks for stores that has no permission for any")
        }
    }
}

package enum Decision: Sendable, Equatable {
    case allowed(AccessScope)
    /// Nobody is signed in, and somebody must be.
    case signInNeeded
    /// For people: why not.
    case forbidden(String)
}

/// The one place that says who may do what.
package enum Policy {
    package static func decide(_ permission: Permission, _ principal: Principal?) -> Decision {
        if permission == .open { return .allowed(.none) }
        guard let principal else { return .signInNeeded }
        if case .apiToken(_, let scopes) = principal.means, let refusal = refusal(of: permission, scopes) { return .forbidden(refusal) }
        switch permission {
        case .open, .identify:
            return .allowed(.none)
        case .readStores:
            return reach(principal, as: .viewer, everyFrom: .operator)
        case .changeStores:
            return reach(principal, as: .manager, everyFrom: .admin)
        case .revealCredentials:
            // Nobody's right but the owner's, whatever somebody is of the installation. Where a header names people there is no proof to ask for.
            if let user = principal.user { return .allowed(.own(StoreAccess(user, .owner))) }
            return principal.means == .header ? .allowed(.every) : .forbidden("Only its owner may see a store's credentials")
        case .operate:
            return principal.role >= .operator ? .allowed(.every) : elevated(principal, "Requires the operator role")
        case .administer:
            return principal.role >= .admin ? .allowed(.every) : elevated(principal, "Requires the admin role")
        case .manageAccount:
            switch principal.means {
            case .session, .bearer: return .allowed(.none)
            case .header, .installation, .apiToken: return .forbidden("This is for people who are signed in")
            }
        }
    }

    private static func reach(_ principal: Principal, as least: StoreRole, everyFrom role: Role) -> Decision {
        guard let user = principal.user else {
            // Without a name: the header's nobody, as existing clients rely on, or the installation's token.
            return principal.means == .header || principal.role >= role ? .allowed(.every) : .forbidden("This token has no user")
        }
        return .allowed(principal.role >= role ? .every : .own(StoreAccess(user, least)))
    }

    /// A header is no proof of anything, so it is to show some; who is known is told that it is not enough.
    private static func elevated(_ principal: Principal, _ text: String) -> Decision {
        principal.means == .header ? .signInNeeded : .forbidden(text)
    }

    private static func refusal(of permission: Permission, _ scopes: Set<APIScope>) -> String? {
        let sufficient: Set<APIScope>
        switch permission {
        case .open, .identify: return nil
        case .readStores: sufficient = [.read, .write]
        case .changeStores: sufficient = [.write]
        case .revealCredentials: sufficient = [.credentials]
        case .operate: sufficient = [.operate]
        case .administer: sufficient = [.administer]
        case .manageAccount: return "A token for scripts may not change the account"
        }
        guard scopes.isDisjoint(with: sufficient) else { return nil }
        return "This token needs the scope " + sufficient.map(\.rawValue).sorted().joined(separator: " or ")
    }
}
