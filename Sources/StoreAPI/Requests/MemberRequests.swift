import HTTPTypes
import Identity
import StoreDomain
import StoreRecords

// The bodies of the routes of members, each parsed once.

extension JSONBody {
    /// What a member is to be.
    func memberRole(_ field: String = "role") throws -> StoreRole? {
        guard let text = try text(field) else { return nil }
        guard let role = StoreRole(rawValue: text), StoreRole.ofMembers.contains(role) else {
            let known = StoreRole.ofMembers.map(\.rawValue).joined(separator: " or ")
            let more = text == StoreRole.owner.rawValue ? ": a store gets another owner by a transfer" : ""
            throw APIError.wrong(field, "\(field) must be \(known)\(more)")
        }
        return role
    }

    func requiredMemberRole() throws -> StoreRole {
        guard let role = try memberRole() else { throw APIError.wrong("role", "Say as what: viewer or manager") }
        return role
    }

    func storeInvitation(_ field: String = "invitation") throws -> SecretToken {
        guard let text = try text(field) else { throw APIError.wrong(field, "The invitation's token is needed") }
        guard let token = SecretToken(text, kind: .storeInvitation) else { throw APIError.noSuchInvitation }
        return token
    }
}

extension APIError {
    static let noSuchInvitation = APIError(
        .notFound,
        "This invitation was used or withdrawn, or its time is over: ask for another one",
        code: "invitation-not-found"
    )
}
