import Hummingbird
import Identity
import JobDispatch
import Observability
import StoreDomain
import StoreRecords

/// Who works on a store beside its owner, and how a store gets another owner. What of it is the owner's alone, the records say.
struct MemberRoutes: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    let limits: StoreLimits
    /// Whether there are accounts, and so e-mail addresses that somebody signs in with.
    let hasAccounts: Bool

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores/:id/members", for: .readStores, list)
        table.on(.post, "/api/stores/:id/members", for: .changeStores, invite)
        table.on(.put, "/api/stores/:id/members/:member", for: .changeStores, set)
        table.on(.delete, "/api/stores/:id/members/:member", for: .changeStores, remove)
        table.on(.delete, "/api/stores/:id/invitations/:invitation", for: .changeStores, withdraw)
        // Whoever has the store next sees its credentials: nobody gives it away who may not see them.
        table.on(.post, "/api/stores/:id/transfer", for: .revealCredentials, offer)
        table.on(.post, "/api/invitations/read", for: .identify, read)
        table.on(.post, "/api/invitations/accept", for: .changeStores, accept)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records)
        let (members, invitations) = (try await records.members(of: store.id), try await records.invitations(to: store.id))
        return .json(capacity: 300 * (members.count + invitations.count + 1)) { json in
            json.array("members", members) { json, member in json.object { $0.fields(of: member) } }
            json.array("invitations", invitations) { json, invitation in json.object { $0.fields(of: invitation) } }
        }
    }

    /// By a link that is given once; whoever has it can become a member. `email`: nobody but the account with that address.
    @Sendable private func invite(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await JSONBody(request, "email", "role")
        return try await invite(
            .member(try body.requiredMemberRole(), email: try email(body)),
            "Invitation made: hand on its link",
            context
        )
    }

    /// Nothing changes before the other accepts it.
    @Sendable private func offer(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await JSONBody(request, "email", "leavesAs")
        let invitation = NewInvitation.transfer(leavesAs: try body.memberRole("leavesAs"), email: try email(body))
        return try await invite(invitation, "Store offered: hand on the link; it is the other's once they accept", context)
    }

    private func invite(_ invitation: NewInvitation, _ message: String, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        let token = SecretToken.random(.storeInvitation)
        let outcome = try await records.invite(token.reference, to: id, invitation, visibleTo: context.visibleTo, by: context.operator)
        switch outcome {
        case .invited(let made):
            return .json(status: invitation.role == .owner ? .accepted : .created) { json in
                json.field("message", message)
                json.object("invitation") { $0.fields(of: made, token: token.text) }
            }
        case .tooMany: throw Self.tooMany
        case .notReady: throw Self.deleting
        case .notFound: throw APIError.storeNotFound
        }
    }

    private func email(_ body: JSONBody) throws -> EmailAddress? {
        guard body["email"] != nil else { return nil }
        guard hasAccounts else { throw APIError.wrong("email", "Users have no e-mail addresses here: leave it out, and hand on the link") }
        return try body.email()
    }

    /// Of a member, or of a user whose id is known: they are one at once.
    @Sendable private func set(_ request: Request, _ context: APIContext) async throws -> Response {
        let (id, member) = try target(context)
        // First whether it is theirs: nobody else is told who has an account.
        let store = try await context.store(records, as: .owner)
        let role = try await JSONBody(request, "role").requiredMemberRole()
        if hasAccounts, try await records.account(member) == nil {
            throw APIError(.notFound, "There is no such account: invite by a link instead", code: "account-not-found")
        }
        switch try await records.setMember(member, of: id, to: role, visibleTo: context.visibleTo, by: context.operator) {
        case .done: return .message("\(member) is a \(role.rawValue) of \(store.name.rawValue)")
        case .unchanged: return .message("\(member) is a \(role.rawValue) already")
        case .isOwner: throw Self.isOwner
        case .tooMany: throw Self.tooMany
        case .notReady: throw Self.deleting
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func remove(_ request: Request, _ context: APIContext) async throws -> Response {
        let (id, member) = try target(context)
        _ = try await JSONBody(request, optional: true)
        switch try await records.removeMember(member, of: id, visibleTo: context.visibleTo, by: context.operator) {
        case .done: return .message("\(member) is no member of the store any more")
        case .noMember: throw APIError(.notFound, "There is no such member", code: "member-not-found")
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func withdraw(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        _ = try await JSONBody(request, optional: true)
        guard let invitation = context.parameters.get("invitation"), invitation.isHex(16) else { throw APIError.noSuchInvitation }
        switch try await records.withdrawInvitation(invitation, to: id, visibleTo: context.visibleTo, by: context.operator) {
        case .done: return .message("The invitation is withdrawn")
        case .noMember: throw APIError.noSuchInvitation
        case .notFound: throw APIError.storeNotFound
        }
    }

    /// What an invitation is for, before it is accepted.
    @Sendable private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let token = try await JSONBody(request, "invitation").storeInvitation()
        switch try await records.openInvitation(token.reference, email: try await address(of: context.user)) {
        case .open(let invitation, let store):
            return .json { json in
                json.object("invitation") { $0.fields(of: invitation) }
                json.object("store") { json in
                    json.field("name", store.name.rawValue)
                    json.field("engine", store.engine.rawValue)
                    json.field("plan", store.spec.plan.rawValue)
                    json.field("url", store.url)
                }
            }
        case .otherAddress: throw Self.otherAddress
        case .invalid: throw APIError.noSuchInvitation
        }
    }

    @Sendable private func accept(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let user = context.user else { throw APIError(.forbidden, "An invitation is for somebody: say who you are") }
        let token = try await JSONBody(request, "invitation").storeInvitation()
        let outcome = try await records.acceptInvitation(
            token.reference,
            as: user,
            email: try await address(of: user),
            role: context.principal?.role ?? .user,
            limits: limits,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        switch outcome {
        case .joined(let store, let role): return .accepted("You are a \(role.rawValue) of the store", store, status: .ok)
        case .transferred(let store, let descriptor):
            context.note(descriptor)
            await jobs.enqueue(descriptor)
            return .accepted("The store is yours: a new password for its administrator is on its way", store)
        case .isOwner: throw Self.isOwner
        case .storeLimitReached(let used, let limit):
            throw APIError(.tooManyRequests, "Store limit reached (\(used)/\(limit)): there is no room for this store", code: "store-limit")
        case .unitLimitReached(let used, let limit): throw APIError.unitLimit(used, limit)
        case .notReady(let store): throw APIError(.conflict, store.changeRefusal, code: "not-ready")
        case .otherAddress: throw Self.otherAddress
        case .invalid: throw APIError.noSuchInvitation
        }
    }

    /// Of the account. What an issuer's token says of an address is no proof of one.
    private func address(of user: UserID?) async throws -> EmailAddress? {
        guard hasAccounts, let user else { return nil }
        return try await records.account(user)?.account.email
    }

    private func target(_ context: APIContext) throws -> (StoreID, UserID) {
        guard let id = context.storeID else { throw APIError.storeNotFound }
        guard let text = context.parameters.get("member").flatMap({ String(percentEncoded: $0.utf8, plusIsSpace: false) }),
            let member = UserID(text), member.isPresentable
        else { throw APIError.invalidUser("member") }
        return (id, member)
    }

    private static let tooMany = APIError(
        .conflict,
        "A store can have \(StoreRecords.mostMembers) members, open invitations counted: remove one to add another",
        code: "too-many-members"
    )
    private static let deleting = APIError(.conflict, "The store is being deleted", code: "not-ready")
    private static let isOwner = APIError(.conflict, "The store is theirs already", code: "is-owner")
    private static let otherAddress = APIError(
        .forbidden,
        "This invitation is for another e-mail address: sign in with that one",
        code: "other-address"
    )
}

extension Response {
    fileprivate static func message(_ text: String) -> Response { .json { $0.field("message", text) } }
}
