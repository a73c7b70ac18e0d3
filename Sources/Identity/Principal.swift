package import Foundation
package import StoreDomain

/// Who asks, however it was found out.
package struct Principal: Sendable, Equatable {
    package enum AuthenticationMethod: Sendable, Equatable {
        /// Taken at the word of `X-User-Id`.
        case header
        /// The installation's own token, ADMIN_TOKEN.
        case installation
        /// A browser that is signed in, by the session's id.
        case session(String)
        /// A token for scripts, by its id, and what it may be used for.
        case apiToken(String, scopes: Set<APIScope>)
        /// A token of the OpenID issuer's.
        case bearer
    }

    /// `nil`: nobody in particular. With `header` that is who sees every store and owns those it makes to nobody.
    package let user: UserID?
    package let role: Role
    package let means: AuthenticationMethod
    /// For people: an e-mail address where there is one.
    package let name: String?
    /// When what it showed is over; no stream outlives it. `nil`: never.
    package let expiresAt: Date?

    package init(user: UserID?, role: Role, means: AuthenticationMethod, name: String? = nil, expiresAt: Date? = nil) {
        self.user = user
        self.role = role
        self.means = means
        self.name = name
        self.expiresAt = expiresAt
    }

    /// As the audit and the logs name it: 1 to 200 characters.
    ///
    /// Who brings an issuer's token is its subject: what else stands in it, people may set themselves.
    package var auditName: String {
        if means != .bearer, let name { return String(name.prefix(200)) }
        return user?.rawValue ?? (means == .installation ? "operator" : "nobody")
    }
}
