import Postgres
package import StoreDomain

/// Who works on a store, and how a store becomes another's.
extension StoreRecords {
    /// How many people may be, or be invited to be, members of a store.
    package static let mostMembers = 50

    /// The owner, then the members by the time at which they came. The store is not checked.
    package func members(of store: StoreID) async throws -> [StoreMember] {
        try await pool.query(
            """
            SELECT o.member, a.email, o.role, o.added_at, o.added_by FROM (
                SELECT s.owner AS member, 'owner' AS role, NULL::timestamptz AS added_at, NULL::text AS added_by
                FROM stores s WHERE s.id = \(store.rawValue) AND s.owner IS NOT NULL
                UNION ALL
                SELECT m.member, m.role, m.added_at, m.added_by FROM store_members m
                WHERE m.store_id = \(store.rawValue) AND m.removed_at IS NULL) o
            LEFT JOIN accounts a ON a.id = o.member
            ORDER BY o.added_at NULLS FIRST, o.member
            """
        ).map { try StoreMember(row: $0) }
    }

    /// Those that can still be accepted, the oldest first. The store is not checked.
    package func invitations(to store: StoreID) async throws -> [StoreInvitation] {
        try await pool.query(
            """
            SELECT \(StoreInvitation.columns(of: "i")) FROM store_invitations i
            WHERE i.store_id = \(store.rawValue) AND i.expires_at > clock_timestamp() ORDER BY i.created_at, i.id
            """
        ).map { try StoreInvitation(row: $0) }
    }

    /// What somebody is of a store; `nil`: nothing, or there is no such store.
    package func role(of user: UserID, in store: StoreID) async throws -> StoreRole? {
        let rows = try await pool.query(
            """
            SELECT CASE WHEN s.owner = \(user.rawValue) THEN 'owner' ELSE m.role END AS role FROM stores s
            LEFT JOIN store_members m ON m.store_id = s.id AND m.member = \(user.rawValue) AND m.removed_at IS NULL
            WHERE s.id = \(store.rawValue) AND s.deleted_at IS NULL AND NOT s.verification
            """
        )
        return try rows.first?.known("role")
    }

    /// The stores of which somebody is a member, and as what.
    package func memberships(of user: UserID) async throws -> [(store: StoreID, role: StoreRole)] {
        try await pool.query(
            """
            SELECT m.store_id, m.role FROM store_members m JOIN stores s ON s.id = m.store_id
            WHERE m.member = \(user.rawValue) AND m.removed_at IS NULL AND s.deleted_at IS NULL ORDER BY m.store_id
            """
        ).map { (try $0["store_id"], try $0["role"]) }
    }

    /// Makes somebody a member at once, or a member something else; `role` is one of `StoreRole.ofMembers`.
    package func setMember(
        _ member: UserID,
        of store: StoreID,
        to role: StoreRole,
        visibleTo: StoreAccess?,
        by actor: Operator
    ) async throws -> SetMemberOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome FROM set_member(
                    \(store.rawValue), \(visibleTo?.user.rawValue), \(member.rawValue), \(role.rawValue), \(actor.name), \(Self.mostMembers)) r
                """,
                by: actor,
                "member.set",
                target: "\(store.rawValue)::text",
                detail: "\(member.rawValue) as \(role.rawValue)".inOneLine,
                accepted: ["done"],
                unnoted: ["unchanged"]
            )
        )
        switch try row["outcome"] as String {
        case "done": return .done
        case "unchanged": return .unchanged
        case "is_owner": return .isOwner
        case "too_many": return .tooMany
        case "not_ready": return .notReady
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "set_member answered \(other)")
        }
    }

    package func removeMember(
        _ member: UserID,
        of store: StoreID,
        visibleTo: StoreAccess?,
        by actor: Operator
    ) async throws -> RemoveMemberOutcome {
        try await remove(
            "remove_member(\(store.rawValue), \(visibleTo?.user.rawValue), \(member.rawValue))",
            visibleTo?.user == member ? "member.leave" : "member.remove",
            member.rawValue,
            of: store,
            by: actor
        )
    }

    /// `.noMember`: there is no such invitation to the store.
    package func withdrawInvitation(
        _ invitation: String,
        to store: StoreID,
        visibleTo: StoreAccess?,
        by actor: Operator
    ) async throws -> RemoveMemberOutcome {
        try await remove(
            "withdraw_invitation(\(store.rawValue), \(visibleTo?.user.rawValue), \(invitation))",
            "member.withdraw",
            invitation,
            of: store,
            by: actor
        )
    }

    private func remove(
        _ call: SQL,
        _ action: String,
        _ detail: String,
        of store: StoreID,
        by actor: Operator
    ) async throws -> RemoveMemberOutcome {
        let row = try await one(
            Self.audited(
                "SELECT r.outcome FROM \(call) AS r(outcome)",
                by: actor,
                action,
                target: "\(store.rawValue)::text",
                detail: detail.inOneLine,
                accepted: ["done"]
            )
        )
        switch try row["outcome"] as String {
        case "done": return .done
        case "no_member", "no_invitation": return .noMember
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "\(action) answered \(other)")
        }
    }

    /// Whoever has the token can accept it.
    package func invite(
        _ token: TokenReference,
        to store: StoreID,
        _ invitation: NewInvitation,
        visibleTo: StoreAccess?,
        by actor: Operator
    ) async throws -> InviteOutcome {
        let to = invitation.email.map { "\($0) as" } ?? "whoever has \(token.id) as"
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, \(StoreInvitation.columns(of: "(r.invitation)")) FROM invite_member(
                    \(store.rawValue), \(visibleTo?.user.rawValue), \(token.id), \(token.secretHash), \(invitation.role.rawValue),
                    \(invitation.leavesAs?.rawValue), \(invitation.email?.rawValue), \(invitation.lifetime.seconds), \(actor.name),
                    \(Self.mostMembers)) r
                """,
                by: actor,
                invitation.role == .owner ? "store.offer" : "member.invite",
                target: "\(store.rawValue)::text",
                detail: "\(to) \(invitation.role.rawValue)",
                accepted: ["invited"]
            )
        )
        switch try row["outcome"] as String {
        case "invited": return .invited(try StoreInvitation(row: row))
        case "too_many": return .tooMany
        case "not_ready": return .notReady
        case "not_found": return .notFound
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "invite_member answered \(other)")
        }
    }

    /// `email`: of who asks, where it is known.
    package func openInvitation(_ token: TokenReference, email: EmailAddress?) async throws -> OpenInvitationOutcome {
        let row = try await one(
            """
            SELECT r.outcome, \(StoreInvitation.columns(of: "(r.invitation)")), \(StoreColumn.columns(of: "(r.store)"))
            FROM open_invitation(\(token.id), \(token.secretHash), \(email?.rawValue)) r
            """
        )
        switch try row["outcome"] as String {
        case "open": return .open(try StoreInvitation(row: row), try Store(row: row))
        case "other_address": return .otherAddress
        case "invalid": return .invalid
        case let other: throw StoreRecordsError(code: .unreadableRow, message: "open_invitation answered \(other)")
        }
    }

    /// Makes `user` what the invitation says. A store that is given away comes with a job, which renews its administrator's password. `role`: of
    /// `user` in the installation, for their quota.
    package func acceptInvitation(
        _ token: TokenReference,
        as user: UserID,
        email: EmailAddress?,
        role: Role,
        limits: StoreLimits,
        traceparent: String?,
        by actor: Operator
    ) async throws -> AcceptInvitationOutcome {
        let row = try await one(
            Self.audited(
                """
                SELECT r.outcome, r.used, r.allowed, r.role AS given, r.accepted_job, r.accepted_kind, r.accepted_class,
                       \(StoreColumn.columns(of: "(r.store)"))
                FROM accept_invitation(
                    \(token.id), \(token.secretHash), \(user.rawValue), \(email?.rawValue), \(role.rawValue), \(limits.perUser),
                    \(limits.unitsPerUser), \(actor.name), \(traceparent)) r
                """,
                by: actor,
                "member.accept",
                target: "coalesce(r.id, \(token.id))",
                telling: "\(user.rawValue)::text || ' as ' || r.given",
                accepted: ["joined", "transferred"],
                // Guesses fill no table.
                unnoted: ["invalid"]
            )
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "joined":
            return .joined(try Store(row: row), try row["given"])
        case "transferred":
            let store = try Store(row: row)
            return .transferred(store, try changeDescriptor(row, of: store, traceparent: traceparent))
        case "is_owner": return .isOwner
        case "store_limit": return .storeLimitReached(used: try row["used"], limit: try row["allowed"])
        case "unit_limit": return .unitLimitReached(used: try row["used"], limit: try row["allowed"])
        case "not_ready": return .notReady(try Store(row: row))
        case "other_address": return .otherAddress
        case "invalid": return .invalid
        default: throw StoreRecordsError(code: .unreadableRow, message: "accept_invitation answered \(outcome)")
        }
    }
}
