package import Foundation
import Postgres
package import StoreDomain

/// Somebody who can sign in.
package struct Account: Sendable, Equatable {
    /// Owns the stores; it stays when the address changes.
    package let id: UserID
    package let email: EmailAddress
    package let role: Role
    package let createdAt: Date
    /// Since when it cannot sign in; `nil`: it can.
    package let disabledAt: Date?

    init(row: PostgresRow) throws {
        id = try row["account_id"]
        email = try row["email"]
        role = try row["role"]
        createdAt = try row["account_created_at"]
        disabledAt = try row["disabled_at"]
    }

    /// The columns of `alias`, a row of `accounts`.
    static func columns(of alias: String) -> SQL {
        SQL(
            unsafe: """
                \(alias).id AS account_id, \(alias).email AS email, \(alias).role AS role,
                \(alias).created_at AS account_created_at, \(alias).disabled_at AS disabled_at
                """
        )
    }
}

package enum SignUpOutcome: Sendable {
    case created(Account)
    case emailTaken
    /// Unknown, used, too old, or for another address.
    case invitationInvalid
}

/// A token that is known by two parts: a name to find it by and a secret, of which the records have the SHA-256.
package struct TokenReference: Sendable, Equatable {
    /// 16 hex digits.
    package let id: String
    /// 64 hex digits.
    package let secretHash: String

    package init(id: String, secretHash: String) {
        self.id = id
        self.secretHash = secretHash
    }
}

/// Where a session was opened, for its owner to recognise it.
package struct ClientDescription: Sendable, Equatable {
    package let address: String?
    /// At most 200 characters are kept.
    package let userAgent: String?

    package init(address: String?, userAgent: String?) {
        self.address = address
        self.userAgent = userAgent.map { String($0.prefix(200)) }
    }
}

package enum RefreshOutcome: Sendable {
    /// The new token counts from now on.
    case rotated(Account)
    /// Another tab was faster by a moment: its new token counts, this one's was not taken.
    case same(Account)
    /// The token was replaced long ago, so somebody has a copy: the session is over.
    case reused(Account)
    /// No such session, or it is over.
    case unknown
}

/// A token for scripts, as its owner may see it.
package struct APIToken: Sendable, Equatable {
    package let id: String
    package let name: String
    package let user: UserID
    /// What its maker was when it was made.
    package let role: Role
    package let scopes: Set<APIScope>
    package let createdAt: Date
    package let expiresAt: Date
    /// To the minute.
    package let lastUsedAt: Date?

    init(row: PostgresRow) throws {
        id = try row["id"]
        name = try row["name"]
        user = try row["user_id"]
        role = try row["token_role"]
        let words: String = try row["scopes"]
        scopes = Set(words.split(separator: " ").compactMap { APIScope(rawValue: String($0)) })
        createdAt = try row["created_at"]
        expiresAt = try row["expires_at"]
        lastUsedAt = try row["last_used_at"]
    }

    static let columns: SQL = """
        t.id, t.name, t.user_id, t.role AS token_role, t.scopes, t.created_at, t.expires_at, t.last_used_at
        """
}

/// An account as an admin sees it.
package struct AccountSummary: Sendable {
    package let account: Account
    /// Stores that count toward the quota.
    package let used: Int
    /// Its own quota; `nil`: the role's, or the installation's.
    package let quota: Int?
    /// Units of plans that count toward the quota, a half rounded up.
    package let units: Int
    /// Its own quota; `nil`: the role's, or the installation's.
    package let unitQuota: Int?
}

/// What a user may have so much of; the columns of `user_quotas` and `role_quotas`.
package enum Quota: String, Sendable, CaseIterable {
    case stores
    /// Of plans.
    case units
}

/// Whose quota it is.
package enum QuotaHolder: Sendable, CustomStringConvertible {
    case user(UserID)
    case role(Role)

    package var description: String {
        switch self {
        case .user(let user): user.rawValue
        case .role(let role): "role \(role.rawValue)"
        }
    }
}
