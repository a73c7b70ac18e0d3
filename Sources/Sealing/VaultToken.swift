import Crypto
package import Foundation
package import StoreDomain

/// What somebody may do with one folder of the vault, until when. It is the password of HTTP's basic authentication; its text needs no escaping
/// in a URL. Tokens for repositories are signed by the workers alone, with `VAULT_KEYS`; those for archives also by the API, with `ARCHIVE_KEYS`.
package struct VaultToken: Sendable, Equatable {
    package enum Right: String, Sendable, CaseIterable {
        /// In a repository: reads, writes what is not there yet, and removes locks. Of an archive: writes it, as a whole.
        case append
        /// Reads; in a repository it writes locks and removes them, too.
        case read
        /// All that restic does; nothing with an archive.
        case prune
        /// The folder as a whole: a repository's size and its escrow, the removal of either.
        case manage
    }

    package let folder: VaultFolder
    package let right: Right
    /// In whole seconds.
    package let expiresAt: Date

    package init(_ folder: VaultFolder, right: Right, expiresAt: Date) {
        self.folder = folder
        self.right = right
        self.expiresAt = Date(timeIntervalSince1970: expiresAt.timeIntervalSince1970.rounded(.down))
    }

    /// `v1.KEY.FOLDER.RIGHT.SECONDS.CODE`: by the ring's current key, the seconds since 1970, the code in base64url.
    package func signed(by ring: KeyRing) -> String {
        let text = Self.text(key: ring.current.id, folder: folder, right: right, seconds: Int64(expiresAt.timeIntervalSince1970))
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: Self.derived(ring.current.key, for: folder))
        return "\(text).\(Data(code).base64URL)"
    }

    /// `nil` for what no key of the ring signed, and for what has expired.
    package init?(verifying text: String, by ring: KeyRing, now: Date) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= 256, parts.count == 6, let key = ring.all.first(where: { $0.id == parts[1] })?.key,
            let folder = VaultFolder(parts[2]), let right = Right(rawValue: parts[3]), let seconds = Int64(parts[4]),
            let code = Self.decoded(parts[5])
        else { return nil }
        // Written anew, so that a text which says the same in other words is none of ours.
        let signed = Data(Self.text(key: parts[1], folder: folder, right: right, seconds: seconds).utf8)
        guard text.hasPrefix(String(decoding: signed, as: UTF8.self) + "."),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: Self.derived(key, for: folder))
        else { return nil }
        let expiry = Date(timeIntervalSince1970: TimeInterval(seconds))
        guard now < expiry else { return nil }
        self.init(folder, right: right, expiresAt: expiry)
    }

    private static func text(key: String, folder: VaultFolder, right: Right, seconds: Int64) -> String {
        "v1.\(key).\(folder.name).\(right.rawValue).\(seconds)"
    }

    // A key is used for one thing: these are derived for signing, tokens of repositories or those of archives.
    private static func derived(_ key: SymmetricKey, for folder: VaultFolder) -> SymmetricKey {
        let use =
            switch folder {
            case .repository: "vault"
            case .archive: "archive"
            }
        return HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Data("store-weaver \(use) v1".utf8), outputByteCount: 32)
    }

    private static func decoded(_ text: String) -> Data? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let data = Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
        return data.flatMap { $0.base64URL == text ? $0 : nil }
    }
}

extension Data {
    /// Without padding (RFC 4648, 5).
    var base64URL: String { base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "") }
}
