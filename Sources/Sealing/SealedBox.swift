import Crypto
import Foundation
import StoreDomain

/// Seals by AES-256-GCM with keys that are derived from a ring for one use, each text for one context: a row that is copied to another place opens
/// nothing.
package struct SealedBox: Sendable {
    package enum Failure: Error, Sendable, Equatable {
        /// The ring has no key of this id any more.
        case unknownKey(String)
        /// It was changed, or is another's.
        case broken
    }

    private let current: (id: String, key: SymmetricKey)
    private let keys: [String: SymmetricKey]

    init(ring: KeyRing, use: String) {
        func derived(_ key: SymmetricKey) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Data(use.utf8), outputByteCount: 32)
        }
        current = (ring.current.id, derived(ring.current.key))
        keys = Dictionary(uniqueKeysWithValues: ring.all.map { ($0.id, derived($0.key)) })
    }

    /// The id of the key that seals now.
    var currentKey: String { current.id }

    func seal(_ data: Data, in context: Data) throws -> SealedText {
        guard let combined = try AES.GCM.seal(data, using: current.key, authenticating: context).combined else { throw Failure.broken }
        return SealedText(key: current.id, text: combined.base64EncodedString())
    }

    /// Throws `Failure`.
    func open(_ sealed: SealedText, in context: Data) throws -> Data {
        guard let key = keys[sealed.key] else { throw Failure.unknownKey(sealed.key) }
        guard let data = Data(base64Encoded: sealed.text), let box = try? AES.GCM.SealedBox(combined: data),
            let opened = try? AES.GCM.open(box, using: key, authenticating: context)
        else { throw Failure.broken }
        return opened
    }
}
