import Crypto
package import Foundation
import StoreDomain

/// By which a store knows that the platform signs its administrator in; prints as `<redacted>`. Its image makes the same of the secret, so that
/// no store has to be given anything, and what is kept beside its credentials is not the secret itself.
package struct AdminSignInKey: Sendable, Equatable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    /// 64 hexadecimal digits, used as text.
    fileprivate let text: String

    package init(of secret: String) {
        text = HMAC<SHA256>.authenticationCode(for: Data("admin-session".utf8), using: SymmetricKey(data: Data(secret.utf8))).hex
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        text = try container.decode(String.self)
        guard text.isHex(64) else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "no sign-in key") }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
}

/// Signs an administrator in to one store, once. The store's image verifies it and keeps the nonce until it expires.
package struct AdminSessionToken: Sendable {
    package static let lifetime: TimeInterval = 60
    /// Of every store, below its address.
    private static let path = "/-/admin-session"

    /// The store's address, as its image has it in `STORE_URL`.
    package let store: String
    /// As the store knows the administrator: WooCommerce by the login name, Medusa by the e-mail address.
    package let user: String
    /// 32 hexadecimal digits.
    package let nonce: String
    /// In whole seconds.
    package let expiresAt: Date

    /// One that nobody has made before.
    package init(store: String, user: String, now: Date) {
        self.init(
            store: store,
            user: user,
            nonce: SymmetricKey(size: .bits128).withUnsafeBytes { $0.hex },
            expiresAt: now.addingTimeInterval(Self.lifetime)
        )
    }

    package init(store: String, user: String, nonce: String, expiresAt: Date) {
        self.store = store
        self.user = user
        self.nonce = nonce
        self.expiresAt = Date(timeIntervalSince1970: expiresAt.timeIntervalSince1970.rounded(.down))
    }

    /// `v1.SECONDS.NONCE.STORE.USER.CODE`: the seconds since 1970, store and user in base64url, and the code of all before it in hexadecimal.
    package func signed(by key: AdminSignInKey) -> String {
        let (seconds, store, user) = (Int64(expiresAt.timeIntervalSince1970), Data(store.utf8).base64URL, Data(user.utf8).base64URL)
        let text = "v1.\(seconds).\(nonce).\(store).\(user)"
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.text.utf8)))
        return "\(text).\(code.hex)"
    }

    /// Where a browser is sent. What follows `#` it sends to no server and in no Referer; the page there posts it.
    package func url(signedBy key: AdminSignInKey) -> String { store + Self.path + "#" + signed(by: key) }
}
