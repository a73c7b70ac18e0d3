package import Foundation
import Postgres
package import StoreDomain

/// Somebody who works on a store; its owner, too.
package struct StoreMember: Sendable, Equatable {
    package let user: UserID
    /// Of the account; `nil` where no accounts are kept.
    package let email: EmailAddress?
    package let role: StoreRole
    /// `nil` of the owner, as `addedBy`.
    package let addedAt: Date?
    package let addedBy: String?

    init(row: PostgresRow) throws {
        user = try row["member"]
        email = try row.known("email")
        role = try row["role"]
        addedAt = try row["added_at"]
        addedBy = try row["added_by"]
    }
}

/// An invitation to a store that is open.
package struct StoreInvitation: Sendable, Equatable {
    /// 16 hex digits.
    package let id: String
    /// `owner`: the store itself is offered.
    package let role: StoreRole
    /// What the owner is to be once the store is another's; `nil`: nothing.
    package let leavesAs: StoreRole?
    /// The only address that may accept it; `nil`: any.
    package let email: EmailAddress?
    package let invitedBy: String
    package let createdAt: Date
    package let expiresAt: Date

    static let columns = [
        "id", "role", "leaves_as", "email", "invited_by", "created_at", "expires_at",
    ]

    /// `source`: the table's alias or a composite value in parentheses.
    static func columns(of source: StaticString) -> SQL {
        SQL(unsafe: columns.map { "\(source).\($0) AS invitation_\($0)" }.joined(separator: ", "))
    }

    init(row: PostgresRow) throws {
        id = try row["invitation_id"]
        role = try row["invitation_role"]
        leavesAs = try row.known("invitation_leaves_as")
        email = try row.known("invitation_email")
        invitedBy = try row["invitation_invited_by"]
        createdAt = try row["invitation_created_at"]
        expiresAt = try row["invitation_expires_at"]
    }
}

/// An invitation that is to be made.
package struct NewInvitation: Sendable, Equatable {
    package let role: StoreRole
    package let leavesAs: StoreRole?
    package let email: EmailAddress?
    package let lifetime: Duration

    /// To become a member; `role` is one of `StoreRole.ofMembers`.
    package static func member(_ role: StoreRole, email: EmailAddress?, lifetime: Duration = .days(7)) -> NewInvitation {
        NewInvitation(role: role, leavesAs: nil, email: email, lifetime: lifetime)
    }

    /// To become the owner. `leavesAs`: what the owner of now is afterwards; `nil`: nothing.
    package static func transfer(leavesAs: StoreRole?, email: EmailAddress?) -> NewInvitation {
        NewInvitation(role: .owner, leavesAs: leavesAs, email: email, lifetime: .days(7))
    }
}

package enum SetMemberOutcome: Sendable, Equatable {
    case done
    case unchanged
    /// The store is theirs.
    case isOwner
    case tooMany
    /// The store is being deleted.
    case notReady
    case notFound
}

package enum RemoveMemberOutcome: Sendable, Equatable {
    case done
    case noMember
    case notFound
}

package enum InviteOutcome: Sendable, Equatable {
    case invited(StoreInvitation)
    case tooMany
    /// The store is being deleted.
    case notReady
    case notFound
}

/// What an invitation is for, to whoever may accept it.
package enum OpenInvitationOutcome: Sendable {
    case open(StoreInvitation, Store)
    /// It is for another e-mail address.
    case otherAddress
    /// Unknown, used, withdrawn or too old; or the store is gone.
    case invalid
}

package enum AcceptInvitationOutcome: Sendable {
    case joined(Store, StoreRole)
    /// The job renews the administrator's password.
    case transferred(Store, JobDescriptor)
    case isOwner
    case storeLimitReached(used: Int, limit: Int)
    case unitLimitReached(used: Int, limit: Int)
    /// The administrator's password cannot be renewed now, without which no store is given away.
    case notReady(Store)
    case otherAddress
    case invalid
}
