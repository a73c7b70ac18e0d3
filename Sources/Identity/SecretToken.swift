import Crypto
import Foundation
import StoreDomain
package import StoreRecords

/// A secret that is given out once, as text: `PREFIX_ID_SECRET`, e.g. `swt_0123456789abcdef_…`. The records keep the id and a hash.
package struct SecretToken: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case api = "swt"
        case invitation = "swi"
        case session = "sws"
        /// In the address that an export is fetched from.
        case export = "swx"
        /// To become a member of a store, or its owner.
        case storeInvitation = "swm"
        /// To set a new password.
        case passwordReset = "swp"
    }

    package let kind: Kind
    /// 16 hex digits.
    package let id: String
    /// 64 hex digits: 256 random bits, so that a fast hash is enough.
    private let secret: String

    package static func random(_ kind: Kind, id: String? = nil) -> SecretToken {
        SecretToken(kind: kind, id: id ?? hex(8), secret: hex(32))
    }

    private init(kind: Kind, id: String, secret: String) {
        self.kind = kind
        self.id = id
        self.secret = secret
    }

    /// `nil` for what cannot be such a token.
    package init?(_ text: String, kind: Kind) {
        let parts = text.utf8.count <= 120 ? text.split(separator: "_", omittingEmptySubsequences: false) : []
        guard parts.count == 3, parts[0] == kind.rawValue, parts[1].isHex(16), parts[2].isHex(64) else { return nil }
        self.init(kind: kind, id: String(parts[1]), secret: String(parts[2]))
    }

    package var text: String { "\(kind.rawValue)_\(id)_\(secret)" }

    package var secretHash: String { SHA256.hash(data: Data(secret.utf8)).hex }

    package var reference: TokenReference { TokenReference(id: id, secretHash: secretHash) }

    /// In a time that does not depend on where they differ.
    package func matches(_ hash: String) -> Bool { equalInConstantTime(secretHash, hash) }

    private static func hex(_ bytes: Int) -> String {
        SymmetricKey(size: .init(bitCount: bytes * 8)).withUnsafeBytes(\.hex)
    }
}

/// Whether two texts are the same: their digests are compared, in constant time, so neither length nor beginning can be felt.
package func equalInConstantTime(_ one: String, _ other: String) -> Bool {
    SHA256.hash(data: Data(one.utf8)) == SHA256.hash(data: Data(other.utf8))
}
