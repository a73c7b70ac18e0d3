import StoreDomain
import StoreRecords

extension JSONWriter {
    mutating func fields(of member: StoreMember) {
        field("user", member.user.rawValue)
        field("email", member.email?.rawValue)
        field("role", member.role.rawValue)
        field("addedAt", member.addedAt)
        field("addedBy", member.addedBy)
    }

    /// `token`: its secret, which is told once.
    mutating func fields(of invitation: StoreInvitation, token: String? = nil) {
        field("id", invitation.id)
        field("role", invitation.role.rawValue)
        field("leavesAs", invitation.leavesAs?.rawValue)
        field("email", invitation.email?.rawValue)
        field("invitedBy", invitation.invitedBy)
        field("createdAt", invitation.createdAt)
        field("expiresAt", invitation.expiresAt)
        guard let token else { return }
        field("token", token)
        // Behind the # no server and no log gets it.
        field("path", "/#join=\(token)")
    }
}
