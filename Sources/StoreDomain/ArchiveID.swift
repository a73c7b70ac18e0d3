/// The identity of an archive in the vault, which a store was exported into or is to be made of: 12 lower-case hexadecimal digits.
package struct ArchiveID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` unless `text` is 12 lower-case hex digits.
    package init?(_ text: String) {
        guard text.isHex(12) else { return nil }
        rawValue = text
    }

    private init(trusted text: String) { rawValue = text }

    /// A fresh identity: 16¹² possibilities from the system's generator.
    package static func random() -> ArchiveID { ArchiveID(trusted: String(RandomToken.make().prefix(12))) }

    package var description: String { rawValue }
}

/// A folder of the vault, which tokens are for: a repository, or an archive.
package enum VaultFolder: Hashable, Sendable, CustomStringConvertible {
    case repository(RepositoryID)
    case archive(ArchiveID)

    /// As it stands in addresses, in tokens and in the storage.
    package var name: String {
        switch self {
        case .repository(let repository): repository.rawValue
        case .archive(let archive): "archive-\(archive)"
        }
    }

    package init?(_ name: String) {
        if let repository = RepositoryID(name) {
            self = .repository(repository)
        } else if name.hasPrefix("archive-"), let archive = ArchiveID(String(name.dropFirst("archive-".count))) {
            self = .archive(archive)
        } else {
            return nil
        }
    }

    package var description: String { name }
}
