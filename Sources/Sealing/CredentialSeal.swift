import Crypto
import Foundation
package import Program
package import StoreDomain
package import StoreRecords

/// Seals stores' credentials by AES-256-GCM for one store each, so that a row that is copied to another store opens nothing.
package struct CredentialSeal: Sendable {
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
        try seal(JSONEncoder().encode(credentials), for: Self.context(store))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, of store: StoreID) throws -> AdminCredentials {
        guard let credentials = try? JSONDecoder().decode(AdminCredentials.self, from: open(sealed, for: Self.context(store))) else {
            throw keys[sealed.key] == nil ? Failure.unknownKey(sealed.key) : Failure.broken
        }
        return credentials
    }

    /// The password of the repository with a store's backups.
    package func sealBackupKey(_ password: String, of store: StoreID) throws -> SealedText {
        try seal(Data(password.utf8), for: Self.backupContext(store))
    }

    /// Throws `Failure`.
    package func openBackupKey(_ sealed: SealedText, of store: StoreID) throws -> String {
        guard let password = String(validating: try open(sealed, for: Self.backupContext(store)), as: UTF8.self) else { throw Failure.broken }
        return password
    }

    private func seal(_ secret: Data, for context: Data) throws -> SealedText {
        guard let combined = try AES.GCM.seal(secret, using: current.key, authenticating: context).combined else { throw Failure.broken }
        return SealedText(key: current.id, text: combined.base64EncodedString())
    }

    private func open(_ sealed: SealedText, for context: Data) throws -> Data {
        guard let key = keys[sealed.key] else { throw Failure.unknownKey(sealed.key) }
        guard let data = Data(base64Encoded: sealed.text), let box = try? AES.GCM.SealedBox(combined: data),
            let opened = try? AES.GCM.open(box, using: key, authenticating: context)
        else { throw Failure.broken }
        return opened
    }

    private static func backupContext(_ store: StoreID) -> Data { Data("backup-key:\(store.rawValue)".utf8) }

    private static func context(_ store: StoreID) -> Data { Data("store:\(store.rawValue)".utf8) }
}
