package import Configuration
package import Crypto
import Foundation
package import Program

/// Keys by their ids: the first one signs and seals, all are believed, so that a new one can be put before the old and that be dropped later.
package struct KeyRing: Sendable {
    package struct Key: Sendable {
        package let id: String
        package let key: SymmetricKey
    }

    package let current: Key
    package let all: [(id: String, key: SymmetricKey)]

    /// `ID:BASE64[,ID:BASE64…]`: ids of 1 to 32 letters, digits or lines, keys of at least 32 bytes. Throws `SettingError`, which names
    /// `setting` and not what stood there.
    package init(_ text: String, setting: String) throws(SettingError) {
        let wrong = SettingError(
            message:
                "\(setting) must be keys of at least 32 bytes in base64, each after an id of its own: ID:KEY[,ID:KEY…], the one that signs first"
        )
        var keys: [Key] = []
        for entry in text.split(separator: ",") {
            let parts = entry.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, (1...32).contains(parts[0].count),
                parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }), let bytes = Data(base64Encoded: parts[1]),
                bytes.count >= 32, !keys.contains(where: { $0.id == parts[0] })
            else { throw wrong }
            keys.append(Key(id: parts[0], key: SymmetricKey(data: bytes)))
        }
        guard let first = keys.first else { throw wrong }
        current = first
        all = keys.map { ($0.id, $0.key) }
    }

    /// Whether a key of the one is a key of the other, whatever they are called.
    package func shares(with other: KeyRing) -> Bool { all.contains { one in other.all.contains { $0.key == one.key } } }
}

extension ConfigReader {
    /// `ARCHIVE_KEYS`, which sign the tokens for archives in the vault, as `CREDENTIALS_KEYS` is written; `nil`: there are none.
    package func archiveKeys() throws(SettingError) -> KeyRing? {
        guard let keys = text("archive.keys", isSecret: true) else { return nil }
        return try KeyRing(keys, setting: "ARCHIVE_KEYS")
    }
}
