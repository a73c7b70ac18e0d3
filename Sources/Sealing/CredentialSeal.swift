import Foundation
package import Program
package import StoreDomain

/// Seals secrets of stores by AES-256-GCM for one store and one purpose each, so that a row that is copied to another place opens nothing.
package struct CredentialSeal: Sendable {
    /// What a sealed text is for.
    package enum Purpose: String, Sendable {
        /// The password of the store's backup repository.
        case backupKey = "backup-key"
        /// A certificate of one of its hosts, with its key.
        case certificate
    }

    package typealias Failure = SealedBox.Failure

    private let box: SealedBox

    /// `CREDENTIALS_KEYS`: as `KeyRing` reads it; empty or absent: `nil`, and nothing is sealed or opened. Throws `SettingError`.
    package init?(setting: String?) throws(SettingError) {
        guard let setting, !setting.isEmpty else { return nil }
        self.init(ring: try KeyRing(setting, setting: "CREDENTIALS_KEYS"))
    }

    package init(ring: KeyRing) { box = SealedBox(ring: ring, use: "store-weaver credentials v1") }

    /// The id of the key that seals now.
    package var currentKey: String { box.currentKey }

    package func seal(_ credentials: AdminCredentials, of store: StoreID) throws -> SealedText {
        try box.seal(JSONEncoder().encode(credentials), in: Self.context("store", store))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, of store: StoreID) throws -> AdminCredentials {
        let opened = try box.open(sealed, in: Self.context("store", store))
        guard let credentials = try? JSONDecoder().decode(AdminCredentials.self, from: opened) else { throw Failure.broken }
        return credentials
    }

    package func seal(_ secret: String, as purpose: Purpose, of store: StoreID) throws -> SealedText {
        try box.seal(Data(secret.utf8), in: Self.context(purpose.rawValue, store))
    }

    /// Throws `Failure`.
    package func open(_ sealed: SealedText, as purpose: Purpose, of store: StoreID) throws -> String {
        guard let text = String(data: try box.open(sealed, in: Self.context(purpose.rawValue, store)), encoding: .utf8) else {
            throw Failure.broken
        }
        return text
    }

    private static func context(_ what: String, _ store: StoreID) -> Data { Data("\(what):\(store.rawValue)".utf8) }
}
