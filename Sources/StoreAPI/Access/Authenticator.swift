import Foundation
import HTTPTypes
import Hummingbird
import Identity
package import Logging
import Program
import StoreDomain
package import StoreRecords

/// Finds out who asks, by the mode that the installation has.
package struct Authenticator: Sendable {
    /// What accounts need beside the settings.
    struct Accounts: Sendable {
        let settings: AccountsSettings
        let signer: SessionSigner
        let passwords: Passwords
    }

    private enum Mode: Sendable {
        case header(proxies: [AddressRange])
        case accounts(Accounts)
        case oidc(OpenIDIssuer)
    }

    let modeName: String
    private let mode: Mode
    private let records: StoreRecords
    private let installationToken: String?

    package init(settings: APISettings, records: StoreRecords, logger: Logger) async throws {
        modeName = settings.authMode.name
        switch settings.authMode {
        case .header(let proxies):
            mode = .header(proxies: proxies)
        case .accounts(let accounts):
            mode = .accounts(Accounts(settings: accounts, signer: await SessionSigner(keys: accounts.keys), passwords: try Passwords()))
        case .oidc(let configuration):
            mode = .oidc(OpenIDIssuer(configuration: configuration, logger: logger))
        }
        self.records = records
        installationToken = settings.adminToken
    }

    /// `nil` in the other modes.
    var accounts: Accounts? {
        guard case .accounts(let accounts) = mode else { return nil }
        return accounts
    }

    /// Whether tokens for scripts are given out: where a header names people they would prove nothing.
    var hasTokens: Bool {
        guard case .header = mode else { return true }
        return false
    }

    /// `nil`: nobody is signed in. Throws `APIError` for proof that is no good.
    func principal(of request: Request, query: Query, peer: String?) async throws -> Principal? {
        let bearer = request.bearerToken
        if let bearer, let installationToken, equalInConstantTime(bearer, installationToken) { return try installation(request, query) }
        switch mode {
        case .header(let proxies):
            // Another's token means nothing here; the operator's routes ask for theirs.
            return try named(request, query, peer: peer, proxies: proxies)
        case .accounts(let accounts):
            guard let bearer else {
                guard let token = try request.cookie(accounts.settings.cookies.access) else { return nil }
                return await accounts.signer.principal(of: token)
            }
            return try await script(bearer) ?? { throw APIError.unauthorized("Unknown, expired or revoked token") }()
        case .oidc(let issuer):
            guard let bearer else { return nil }
            if let principal = try await script(bearer) { return principal }
            do {
                return try await issuer.principal(of: bearer)
            } catch OpenIDIssuer.Refusal.invalid(let why) {
                throw APIError.unauthorized(why)
            } catch OpenIDIssuer.Refusal.misnamed(let why) {
                throw APIError(.serviceUnavailable, why, code: "issuer-misnamed", retryAfter: 60)
            } catch is OpenIDIssuer.Refusal {
                throw APIError(.serviceUnavailable, "The sign-in service cannot be reached right now. Please try again.", retryAfter: 5)
            }
        }
    }

    private func installation(_ request: Request, _ query: Query) throws -> Principal {
        let name = try request.namedUser(query)
        // Where people prove who they are, a header makes nobody one of them: it names who operates, in the audit.
        if case .header = mode { return Principal(user: name, role: .admin, means: .installation) }
        return Principal(user: nil, role: .admin, means: .installation, name: name?.rawValue)
    }

    private func named(_ request: Request, _ query: Query, peer: String?, proxies: [AddressRange]) throws -> Principal {
        guard proxies.isEmpty || peer.map({ peer in proxies.contains { $0.contains(peer) } }) ?? true else {
            throw APIError(.forbidden, "X-User-Id is accepted only from a trusted proxy")
        }
        return Principal(user: try request.namedUser(query), role: .user, means: .header)
    }

    /// `nil`: this is no token for scripts at all.
    private func script(_ bearer: String) async throws -> Principal? {
        guard let token = SecretToken(bearer, kind: .api) else { return nil }
        guard let (known, hash, accountRole) = try await records.apiToken(token.id), token.matches(hash),
            // A token whose account is gone is nobody's; the issuer's users have no accounts here.
            accounts == nil || accountRole != nil
        else { throw APIError.unauthorized("Unknown, expired or revoked token") }
        return Principal(
            user: known.user,
            role: min(known.role, accountRole ?? known.role),
            means: .apiToken(known.id, scopes: known.scopes),
            expiresAt: known.expiresAt
        )
    }
}

extension Request {
    /// Of `Authorization: Bearer …`.
    fileprivate var bearerToken: String? {
        let words = (headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }

    /// `X-User-Id`; of a GET also the query's `userId`, as a browser's EventSource sends no headers. `nil`: there is neither. Throws `APIError` for a
    /// name that nobody can have.
    fileprivate func namedUser(_ query: Query) throws -> UserID? {
        if let text = headers[.userID] { return try UserID.named(in: text, "X-User-Id") }
        return method == .get ? try query.given("userId").map { try UserID.named(in: $0, "userId") } : nil
    }
}

extension UserID {
    /// Throws `APIError` for a name that nobody can have. An empty one is none: who has no name, sends none, and a proxy that sends an empty one for who
    /// is not signed in must not open everything to them.
    static func named(in text: String, _ field: String) throws -> UserID {
        guard !text.allSatisfy(\.isWhitespace) else { throw APIError.wrong(field, "\(field) is empty: leave it out, or name somebody") }
        guard let user = UserID(text), user.isPresentable else { throw APIError.invalidUser(field) }
        return user
    }
}

extension APIError {
    static func unauthorized(_ message: String) -> APIError { APIError(.unauthorized, message, challenge: "Bearer") }
}
