import Crypto
package import Foundation
import JWTKit
package import Sealing
package import StoreDomain
import Synchronization

/// Signs and checks the short-lived access tokens of sessions: JSON Web Tokens by HMAC-SHA256.
package final class SessionSigner: Sendable {
    /// How long a role, or an account that was disabled meanwhile, is believed at most.
    package static let lifetime: TimeInterval = 300

    private let keys: KeyRing
    private let collection = JWTKeyCollection()
    /// Tokens that were found good, by their text: each is sent with many requests.
    private let known = Mutex<[String: Principal]>([:])
    private static let mostKnown = 10_000

    package init(keys: KeyRing) async {
        self.keys = keys
        for (id, key) in keys.all {
            await collection.add(hmac: HMACKey(key: key), digestAlgorithm: .sha256, kid: JWKIdentifier(string: id))
        }
    }

    private struct Claims: JWTPayload {
        var iss: IssuerClaim
        var sub: SubjectClaim
        var exp: ExpirationClaim
        /// The session's id.
        var sid: String
        var role: String
        var email: String

        func verify(using algorithm: some JWTAlgorithm) throws {
            try exp.verifyNotExpired()
            guard iss.value == SessionSigner.issuer else { throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "issuer") }
        }
    }

    private static let issuer = "store-weaver"

    package func accessToken(user: UserID, email: EmailAddress, role: Role, session: String, now: Date = Date()) async throws -> String {
        let claims = Claims(
            iss: .init(value: Self.issuer),
            sub: .init(value: user.rawValue),
            exp: .init(value: now.addingTimeInterval(Self.lifetime)),
            sid: session,
            role: role.rawValue,
            email: email.rawValue
        )
        return try await collection.sign(claims, kid: JWKIdentifier(string: keys.current.id))
    }

    /// `nil`: not signed by us, or over.
    package func principal(of token: String, now: Date = Date()) async -> Principal? {
        if let principal = known.withLock({ $0[token] }) {
            return principal.expiresAt.map { $0 > now } == true ? principal : nil
        }
        guard token.utf8.count <= 2_048, let claims = try? await collection.verify(token, as: Claims.self),
            let user = UserID(claims.sub.value), let role = Role(rawValue: claims.role)
        else { return nil }
        let principal = Principal(user: user, role: role, means: .session(claims.sid), name: claims.email, expiresAt: claims.exp.value)
        known.withLock { known in
            if known.count >= Self.mostKnown { known = known.filter { $0.value.expiresAt.map { $0 > now } == true } }
            if known.count >= Self.mostKnown { known = [:] }
            known[token] = principal
        }
        return principal
    }

    /// What a page must send with whatever changes something, and no other site can know.
    package func antiForgeryToken(of session: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data("csrf:\(session)".utf8), using: keys.current.key).hex
    }

    package func isAntiForgeryToken(_ text: String, of session: String) -> Bool {
        keys.all.contains { _, key in
            let code = HMAC<SHA256>.authenticationCode(for: Data("csrf:\(session)".utf8), using: key)
            return equalInConstantTime(code.hex, text)
        }
    }
}
