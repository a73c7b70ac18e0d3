import Crypto
package import Foundation
package import Program
package import StoreDomain

/// The public half of the operator's escrow key: what it seals, only the private half opens, which is kept outside of the installation.
package struct EscrowKey: Sendable, Equatable {
    fileprivate static let prefix = "escrow-public:"
    fileprivate let key: Curve25519.KeyAgreement.PublicKey

    fileprivate init(_ key: Curve25519.KeyAgreement.PublicKey) { self.key = key }

    package static func == (one: EscrowKey, other: EscrowKey) -> Bool { one.text == other.text }

    /// `BACKUP_ESCROW_KEY`: as `storectl escrow new` prints it; empty or absent: `nil`, and there is no escrow. Throws `SettingError`, which does not
    /// quote it: it may be the private half.
    package init?(setting: String?) throws(SettingError) {
        guard let setting, !setting.isEmpty else { return nil }
        guard !setting.hasPrefix(EscrowPrivateKey.prefix) else {
            throw SettingError(
                message:
                    "BACKUP_ESCROW_KEY is the private half, which belongs outside of the installation: make a new pair, set the public one"
            )
        }
        guard setting.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(setting.dropFirst(Self.prefix.count))),
            let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
        else { throw SettingError(message: "BACKUP_ESCROW_KEY must be \(Self.prefix)… as storectl escrow new prints it") }
        self.key = key
    }

    package var text: String { Self.prefix + key.rawRepresentation.base64EncodedString() }

    /// What tells it from other keys.
    package var id: String { SHA256.hash(data: key.rawRepresentation).prefix(6).hex }

    /// Seals secrets by their names, for that repository and no other place.
    package func seal(_ secrets: [String: String], of repository: RepositoryID) throws -> EscrowEntry {
        let plain = try EscrowEntry.encoder.encode(secrets)
        var sender = try HPKE.Sender(recipientKey: key, ciphersuite: .escrow, info: EscrowEntry.info)
        let sealed = try sender.seal(plain, authenticating: EscrowEntry.context(repository))
        return EscrowEntry(
            format: EscrowEntry.format,
            repository: repository.rawValue,
            key: id,
            digest: EscrowEntry.digest(of: plain, repository),
            encapsulated: sender.encapsulatedKey,
            sealed: sealed
        )
    }
}

/// The private half. It prints as `<redacted>`.
package struct EscrowPrivateKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    fileprivate static let prefix = "escrow-private:"
    private let key: Curve25519.KeyAgreement.PrivateKey

    package init() { key = Curve25519.KeyAgreement.PrivateKey() }

    /// As `text` has it, and maybe a line's end. `nil` for anything else.
    package init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    /// What the file of the key has in it.
    package var text: String { Self.prefix + key.rawRepresentation.base64EncodedString() }
    package var publicKey: EscrowKey { EscrowKey(key.publicKey) }
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }

    /// Throws `EscrowEntry.Failure`.
    package func open(_ entry: EscrowEntry) throws(EscrowEntry.Failure) -> [String: String] {
        guard entry.format == EscrowEntry.format, let repository = RepositoryID(entry.repository) else { throw .unknownFormat }
        guard entry.key == publicKey.id else { throw .otherKey(entry.key) }
        guard
            var recipient = try? HPKE.Recipient(
                privateKey: key,
                ciphersuite: .escrow,
                info: EscrowEntry.info,
                encapsulatedKey: entry.encapsulated
            ), let plain = try? recipient.open(entry.sealed, authenticating: EscrowEntry.context(repository)),
            let secrets = try? JSONDecoder().decode([String: String].self, from: plain)
        else { throw .broken }
        return secrets
    }
}

/// Secrets that are sealed to an escrow key, as the vault keeps them: a file of JSON.
package struct EscrowEntry: Sendable, Equatable, Codable {
    package enum Failure: Error, Sendable, Equatable {
        /// It is none of ours, or a later version's.
        case unknownFormat
        /// It was sealed to the key of this id.
        case otherKey(String)
        /// It was changed.
        case broken
    }

    static let format = "store-weaver escrow 1"

    let format: String
    /// Of which repository the secrets are.
    package let repository: String
    /// The id of the key that it is sealed to.
    package let key: String
    /// Of what is sealed: two entries with the same one hold the same. The secrets have too many bits to be guessed by it.
    let digest: String
    let encapsulated: Data
    let sealed: Data

    /// `nil` for what is no entry.
    package init?(_ data: Data) {
        guard let entry = try? JSONDecoder().decode(EscrowEntry.self, from: data) else { return nil }
        self = entry
    }

    fileprivate init(format: String, repository: String, key: String, digest: String, encapsulated: Data, sealed: Data) {
        self.format = format
        self.repository = repository
        self.key = key
        self.digest = digest
        self.encapsulated = encapsulated
        self.sealed = sealed
    }

    /// Whether it holds the same, sealed to the same key: then the other one is needless.
    package func isAsGood(as other: EscrowEntry) -> Bool {
        (format, repository, key, digest) == (other.format, other.repository, other.key, other.digest)
    }

    /// The file, and the name that the vault has it by: the SHA-256 of what is in it.
    package var file: (name: String, content: Data) {
        get throws {
            let content = try Self.encoder.encode(self)
            return (SHA256.hash(data: content).hex, content)
        }
    }

    fileprivate static let info = Data("store-weaver escrow v1".utf8)

    fileprivate static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    fileprivate static func context(_ repository: RepositoryID) -> Data { Data("escrow:\(repository)".utf8) }

    fileprivate static func digest(of plain: Data, _ repository: RepositoryID) -> String {
        SHA256.hash(data: info + context(repository) + plain).hex
    }
}

extension HPKE.Ciphersuite {
    fileprivate static let escrow = Curve25519_SHA256_ChachaPoly
}
