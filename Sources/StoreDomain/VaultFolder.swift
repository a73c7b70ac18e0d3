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
