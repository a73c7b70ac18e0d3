import Configuration
import Foundation
import Program
package import Provisioning
package import Sealing
package import StoreDomain

/// What a worker is told of backups.
package struct BackupSettings: Sendable {
    package var keeper: KeeperSettings
    /// Sign what lets tasks and workers in at the vault.
    package var keys: KeyRing
    package var window: BackupWindow
    package var retention: BackupRetention

    /// Reads, from the environment:
    /// - `VAULT_URL` (none, and then no backups are kept): where stores' pods and the workers reach the vault, e.g.
    ///   `http://weaver-vault.store-weaver.svc:3000`.
    /// - `VAULT_KEYS`: as `KeyRing` reads it; the vault has the same. `CREDENTIALS_KEYS` has to be set, too: it seals the repositories' passwords.
    /// - `KEEPER_IMAGE` (storeplatform/store-keeper:1.0.0 in `IMAGE_REGISTRY`): full name of the image of the pods that carry data.
    /// - `BACKUP_WINDOW` (01:00-05:00): see `BackupWindow`. `BACKUP_KEEP` (7d,4w,6m): see `BackupRetention`.
    /// - `LIMIT_BACKUP_SECONDS` (3600): of one backup or restore; `GRACE_KEEPER_SECONDS` (180): until its pod begins.
    ///
    /// Throws `SettingError`. `nil`: no backups are kept.
    init?(reader: ConfigReader, imageRegistry: String?, seal: CredentialSeal?) throws(SettingError) {
        let form = "http:// or https:// with a host and maybe a port, e.g. http://weaver-vault.store-weaver.svc:3000"
        let vault = try reader.value("vault.url", form, VaultAddress.init)
        let image = try reader.value("keeper.image", "an image's name with a tag other than latest, or a digest", ImageReference.init)
        window = try reader.value("backup.window", BackupWindow.form, BackupWindow.init) ?? .standard
        retention = try reader.value("backup.keep", BackupRetention.form, { BackupRetention($0) }) ?? .standard
        let limit = try reader.number("limit.backup.seconds", default: 3_600, in: 60...86_400)
        let grace = try reader.number("grace.keeper.seconds", default: 180, in: 1...3_600)
        guard let vault else { return nil }
        guard let text = reader.text("vault.keys", isSecret: true) else {
            throw SettingError(message: "VAULT_KEYS must be set beside VAULT_URL")
        }
        guard seal != nil else {
            throw SettingError(message: "CREDENTIALS_KEYS must be set beside VAULT_URL: it seals the repositories' passwords")
        }
        let keys = try KeyRing(text, setting: "VAULT_KEYS")
        self.keys = keys
        let name = image?.text ?? [imageRegistry, "storeplatform/store-keeper:1.0.0"].compactMap(\.self).joined(separator: "/")
        keeper = KeeperSettings(vault: vault, image: name, timeLimit: .seconds(limit), startLimit: .seconds(grace)) { store, right in
            let right: VaultToken.Right =
                switch right {
                case .append: .append
                case .read: .read
                case .prune: .prune
                }
            // Longer than the task may take, which begins when its pod does.
            let token = VaultToken(store: store, right: right, expiresAt: Date() + Double(limit + grace + 300))
            return SecretText(value: token.signed(by: keys))
        }
    }
}
