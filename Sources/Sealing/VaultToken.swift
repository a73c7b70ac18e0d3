import Crypto
package import Foundation
package import StoreDomain

/// What a store's keeper, or a worker, may do in the vault with one store's repository, until when. It is the password of HTTP's basic
/// authentication; its text needs no escaping in a URL.
package struct VaultToken: Sendable, Equatable {
    package enum Right: String, Sendable, CaseIterable {
        /// Reads, writes what is not there yet, and removes locks.
        case append
        /// Reads, writes locks and removes them.
        case read
        /// All that restic does.
        case prune
        /// The repository as a whole: its size, its removal.
        case manage
    }

    package let store: StoreID
    package let right: Right
    /// In whole seconds.
    package let expiresAt: Date

    package init(store: StoreID, right: Right, expiresAt: Date) {
        self.store = store
        self.right = right
        self.expiresAt = Date(timeIntervalSince1970: expiresAt.timeIntervalSince1970.rounded(.down))
    }

    /// `v1.KEY.STORE.RIGHT.SECONDS.CODE`: by the ring's current key, the seconds since 1970, the code in base64url.
    package func signed(by ring: KeyRing) -> String {
        let text = Self.text(key: ring.current.id, store: store, right: right, seconds: Int64(expiresAt.timeIntervalSince1970))
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: Self.derived(ring.current.key))
        return "\(text).\(Self.encoded(Data(code)))"
    }

    /// `nil` for what no key of the ring signed, and for what has expired.
    package init?(verifying text: String, by ring: KeyRing, now: Date) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= 256, parts.count == 6, let key = ring.all.first(where: { $0.id == parts[1] })?.key,
            let store = StoreID(parts[2]), let right = Right(rawValue: parts[3]), let seconds = Int64(parts[4]),
            let code = Self.decoded(parts[5])
        else { return nil }
        // Written anew, so that a text which says the same in other words is none of ours.
        let signed = Data(Self.text(key: parts[1], store: store, right: right, seconds: seconds).utf8)
        guard text.hasPrefix(String(decoding: signed, as: UTF8.self) + "."),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: Self.derived(key))
        else { return nil }
        let expiry = Date(timeIntervalSince1970: TimeInterval(seconds))
        guard now < expiry else { return nil }
        self.init(store: store, right: right, expiresAt: expiry)
    }

    private static func text(key: String, store: StoreID, right: Right, seconds: Int64) -> String {
        "v1.\(key).\(store.rawValue).\(right.rawValue).\(seconds)"
    }

    // A key is used for one thing: these are derived for signing.
    private static func derived(_ key: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Data("store-weaver vault v1".utf8), outputByteCount: 32)
    }

    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func decoded(_ text: String) -> Data? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let data = Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
        return data.flatMap { encoded($0) == text ? $0 : nil }
    }
}
