import Crypto
import Foundation
package import Program
package import StoreDomain

/// Seals secrets of stores by AES-256-GCM for one store and one purpose each, so that a row that is copied to another place opens nothing.
package struct CredentialSeal: Sendable {
    /// What a sealed text is for.
    package enum Purpose: String, Sendable {
        /// The password of the store's backup repository.
        case backupKey = "backup-key"
    }

    package enum Failure: Error, Sendable, Equatable {
        /// The ring has no key of this id any more.
        case unknownKey(String)
        /// It was changed, or is another store's.
        case broken
    }

    private let current: (id: String, key: SymmetricKey)
    private let keys: [String: SymmetricKey]

    /// `CREDENTIALS_KEYS`: as `KeyRing` reads it; empty or absent: `nil`, and nothing is sealed or opened. Throws `SettingError`.
    package init?(setting: String?) throws(SettingError) {
        guard let setting, !setting.isEmpty else { return nil }
        self.init(ring: try KeyRing(setting, setting: "CREDENTIALS_KEYS"))
    }

    package init(ring: KeyRing) {
        // A key is used for one thing: these are derived for sealing.
        func derived(_ key: SymmetricKey) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Data("store-weaver credentials v1".utf8), outputByteCount: 32)
        }
        current = (ring.current.id, derived(ring.current.key))
        keys = Dictionary(uniqueKeysWithValues: ring.all.map { ($0.id, derived($0.key)) })
    }

    /// The id of the key that seals now.
    package var currentKey: String { current.id }

    package func seal(_ credentials: AdminCredentials, of store: StoreID) throws -> SealedText {
        try seal(JSONEncoder().encode(credentials), in: Self.context("store", store))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, of store: StoreID) throws -> AdminCredentials {
        let opened = try open(sealed, in: Self.context("store", store))
        guard let credentials = try? JSONDecoder().decode(AdminCredentials.self, from: opened) else { throw Failure.broken }
        return credentials
    }

    package func seal(_ secret: String, as purpose: Purpose, of store: StoreID) throws -> SealedText {
        try seal(Data(secret.utf8), in: Self.context(purpose.rawValue, store))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, as purpose: Purpose, of store: StoreID) throws -> String {
        guard let text = String(data: try open(sealed, in: Self.context(purpose.rawValue, store)), encoding: .utf8) else {
            throw Failure.broken
        }
        return text
    }

    private func seal(_ data: Data, in context: Data) throws -> SealedText {
        guard let combined = try AES.GCM.seal(data, using: current.key, authenticating: context).combined else { throw Failure.broken }
        return SealedText(key: current.id, text: combined.base64EncodedString())
    }

    private func open(_ sealed: SealedText, in context: Data) throws -> Data {
        guard let key = keys[sealed.key] else { throw Failure.unknownKey(sealed.key) }
        guard let data = Data(base64Encoded: sealed.text), let box = try? AES.GCM.SealedBox(combined: data),
            let opened = try? AES.GCM.open(box, using: key, authenticating: context)
        else { throw Failure.broken }
        return opened
    }

    private static func context(_ what: String, _ store: StoreID) -> Data { Data("\(what):\(store.rawValue)".utf8) }
}
