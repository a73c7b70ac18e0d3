import Configuration
import Foundation
import Program
package import Provisioning
package import Sealing
package import StoreDomain
import StoreRecords

/// What a worker is told of backups.
package struct BackupSettings: Sendable {
    package var keeper: KeeperSettings
    /// Sign what lets tasks and workers in at the vault.
    package var keys: KeyRing
    /// Sign what lets tasks and the API in at archives; `nil`: nothing is exported.
    package var archiveKeys: KeyRing?
    package var window: BackupWindow
    package var retention: PlanRetention
    /// Each store's newest backup is restored as a test once in so long; `nil`: never.
    package var verifyPeriod: Duration?
    /// `nil`: there is no escrow.
    package var escrow: EscrowKey?
    /// By the settings' names: what the platform's own database is brought back with. They go into escrow.
    package var recoverySecrets: [String: SecretText]
    /// Whether the platform's own database is saved to the vault, too.
    package var keepsPlatform: Bool { recoverySecrets[Self.platformPassword] != nil }

    package static let platformPassword = "PLATFORM_BACKUP_PASSWORD"

    /// Reads, from the environment:
    /// - `VAULT_URL` (none, and then no backups are kept): where stores' pods and the workers reach the vault, e.g.
    ///   `http://weaver-vault.store-weaver.svc:3000`.
    /// - `VAULT_KEYS`: as `KeyRing` reads it; the vault has the same. `CREDENTIALS_KEYS` has to be set, too: it seals the repositories' passwords.
    /// - `ARCHIVE_KEYS` (none, and then nothing is exported): the same; the vault and the API have the same.
    /// - `KEEPER_IMAGE` (storeplatform/store-keeper:1.0.0 in `IMAGE_REGISTRY`): full name of the image of the pods that carry data.
    /// - `BACKUP_WINDOW` (01:00-05:00): see `BackupWindow`. `BACKUP_KEEP` (7d,4w,6m): see `PlanRetention`.
    /// - `BACKUP_VERIFY_DAYS` (30; 0: never): how often each store's newest backup is restored into a hidden store as a test.
    /// - `BACKUP_ESCROW_KEY` (none, and then there is no escrow): the public half of a key pair of `storectl escrow new`; what backups are encrypted
    ///   with is kept beside them, sealed to it.
    /// - `PLATFORM_BACKUP_PASSWORD` (none): of the repository with the platform's own database, as the task has it that saves it.
    /// - `LIMIT_BACKUP_SECONDS` (3600): of one backup or restore; `GRACE_KEEPER_SECONDS` (180): until its pod begins.
    ///
    /// Throws `SettingError`. `nil`: no backups are kept.
    init?(reader: ConfigReader, imageRegistry: String?, seal: CredentialSeal?) throws(SettingError) {
        let vault = try reader.value("vault.url", VaultAddress.form, VaultAddress.init)
        let image = try reader.value("keeper.image", "an image's name with a tag other than latest, or a digest", ImageReference.init)
        window = try reader.value("backup.window", BackupWindow.form, BackupWindow.init) ?? .standard
        retention = try reader.value("backup.keep", PlanRetention.form, { PlanRetention($0) }) ?? .standard
        let days = try reader.number("backup.verify.days", default: 30, in: 0...365)
        verifyPeriod = days == 0 ? nil : .days(days)
        let limit = try reader.number("limit.backup.seconds", default: 3_600, in: 60...86_400)
        let grace = try reader.number("grace.keeper.seconds", default: 180, in: 1...3_600)
        escrow = try EscrowKey(setting: reader.text("backup.escrow.key"))
        guard let vault else { return nil }
        guard let text = reader.text("vault.keys", isSecret: true) else {
            throw SettingError(message: "VAULT_KEYS must be set beside VAULT_URL")
        }
        guard seal != nil else {
            throw SettingError(message: "CREDENTIALS_KEYS must be set beside VAULT_URL: it seals the repositories' passwords")
        }
        let keys = try KeyRing(text, setting: "VAULT_KEYS")
        self.keys = keys
        recoverySecrets = ["VAULT_KEYS": SecretText(value: text)]
        for (name, key) in [("CREDENTIALS_KEYS", "credentials.keys"), (Self.platformPassword, "platform.backup.password")] {
            recoverySecrets[name] = reader.text(ConfigKey(key), isSecret: true).map { SecretText(value: $0) }
        }
        let archiveKeys = try reader.archiveKeys()
        self.archiveKeys = archiveKeys
        let name = image?.text ?? [imageRegistry, "storeplatform/store-keeper:1.0.0"].compactMap(\.self).joined(separator: "/")
        keeper = KeeperSettings(vault: vault, image: name, timeLimit: .seconds(limit), startLimit: .seconds(grace)) { folder, right in
            let ring: KeyRing? = if case .archive = folder { archiveKeys } else { keys }
            guard let ring else { return nil }
            let right: VaultToken.Right =
                switch right {
                case .append: .append
                case .read: .read
                case .prune: .prune
                }
            // Longer than the task may take, which begins when its pod does.
            let token = VaultToken(folder, right: right, expiresAt: Date() + Double(limit + grace + 300))
            return SecretText(value: token.signed(by: ring))
        }
    }
}
