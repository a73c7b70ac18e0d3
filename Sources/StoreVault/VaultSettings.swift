package import Configuration
import Foundation
package import Program
import Sealing

/// What the vault is told by its environment.
package struct VaultSettings: Sendable {
    let host: String
    let port: Int
    let keys: KeyRing
    /// `nil`: nobody has a token for an archive.
    let archiveKeys: KeyRing?
    /// Without a slash at its end.
    let storage: String
    let volume: VaultVolume?

    /// Reads, from the environment:
    /// - `HOST` (0.0.0.0), `PORT` (3000; 0 takes a free one): where to listen.
    /// - `VAULT_KEYS` (required): what signs the tokens, as `CREDENTIALS_KEYS` is written. The workers have the same.
    /// - `ARCHIVE_KEYS` (none, and then it takes no archives): what signs the tokens for those. The workers and the API have the same.
    /// - `VAULT_STORAGE_URL` (`http://127.0.0.1:8001`): a server of restic's REST protocol that asks for no password and that nobody else
    ///   reaches: restic-rest-server on a volume, or `rclone serve restic` before S3.
    /// - `VAULT_VOLUME` (none): the folder in which that server keeps repositories, where it is one.
    /// - `VAULT_RESERVED_MIB` (512): how much of the volume no backup may fill.
    package init(reader: ConfigReader) throws(SettingError) {
        host = try reader.listeningHost("host")
        port = try reader.number("port", default: 3_000, in: 0...65_535)
        guard let keys = reader.text("vault.keys", isSecret: true) else { throw SettingError(message: "VAULT_KEYS is required") }
        self.keys = try KeyRing(keys, setting: "VAULT_KEYS")
        archiveKeys = try reader.archiveKeys()
        if archiveKeys?.shares(with: self.keys) == true {
            throw SettingError(message: "ARCHIVE_KEYS and VAULT_KEYS have a key in common: whoever has the one could sign for the other")
        }
        storage =
            try reader.value("vault.storage.url", "an address such as http://127.0.0.1:8001") { text -> String? in
                guard let url = URL(string: text), url.scheme == "http", url.host() != nil, url.query() == nil else { return nil }
                return text.hasSuffix("/") ? String(text.dropLast()) : text
            } ?? "http://127.0.0.1:8001"
        let reserved = try reader.number("vault.reserved.mib", default: 512, in: 0...1_048_576)
        volume = try reader.folder("vault.volume").map { VaultVolume(folder: $0, reserved: Int64(reserved) << 20) }
    }
}
