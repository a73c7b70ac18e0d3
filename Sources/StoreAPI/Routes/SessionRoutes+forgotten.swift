import HTTPTypes
import Hummingbird
import Identity
import Sealing
import StoreDomain
import StoreRecords

/// Mails with links to set a new password.
struct PasswordLetters: Sendable {
    let seal: ChannelSeal
    /// The page's address, as people reach it.
    let page: String

    fileprivate func letter(to address: MailAddress, _ link: SecretToken) -> ChannelSeal.Letter {
        ChannelSeal.Letter(
            to: address,
            subject: "Set a new password",
            text: """
                Somebody asked to set a new password for this address in Store Weaver. If that was you, open this page within an hour:
                \(page)/#reset=\(link.text)

                If not, do nothing: your password stays as it is.

                """
        )
    }
}

/// Forgotten passwords, where mail is sent.
extension SessionRoutes {
    func addForgotten(to table: inout RouteTable) {
        table.on(.post, "/api/auth/forgotten", for: .open, forgotten)
        table.on(.post, "/api/auth/reset", for: .open, reset)
    }

    /// The same answer whether there is such an account. The mail goes to the account's own address, however this one was written.
    @Sendable private func forgotten(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try await begin(request, context)
        let email = try (try await JSONBody(request, "email")).email()
        guard let letters else {
            throw APIError(.forbidden, "No mail is sent here: ask those who run this installation for a new password", code: "no-mail")
        }
        if let address = (try await records.account(email)?.account.email).flatMap({ MailAddress($0.rawValue) }) {
            let (link, id) = (SecretToken.random(.passwordReset), RandomToken.make())
            let sealed = try letters.seal.seal(letters.letter(to: address, link), id: id)
            try await records.askPasswordReset(
                address,
                link: link.reference,
                letter: id,
                sealed: sealed,
                address: context.address?.description
            )
        }
        return .json(status: .accepted) { $0.field("message", "If there is an account of this address, a mail with a link is on its way") }
    }

    @Sendable private func reset(_ request: Request, _ context: APIContext) async throws -> Response {
        let accounts = try await begin(request, context)
        let body = try await JSONBody(request, "token", "password")
        let password = try body.newPassword()
        let invalid = APIError(.notFound, "This link is not valid any more: ask for another one", code: "link-not-valid")
        // Before the work that a hash is.
        guard let link = try body.text("token").flatMap({ SecretToken($0, kind: .passwordReset) })?.reference,
            try await records.isPasswordReset(link)
        else { throw invalid }
        let hash = try await hashing { try await accounts.passwords.hash(password) }
        guard let email = try await records.resetPassword(link, hash: hash, address: context.address?.description) else { throw invalid }
        // Whoever guessed at the old one locks nobody out of the new one.
        try await records.forgetFailures([email.lowercased()])
        return .json { $0.field("message", "The password is set; every session and every token is over. Sign in with it") }
    }
}
