package import struct Foundation.Date

/// An archive that somebody sent, for a new store to be made of it.
package struct Import: Sendable, Equatable {
    package var id: ArchiveID
    package var owner: UserID?
    package var createdAt: Date
    /// When the vault removes it, unless a store is just being made of it.
    package var expiresAt: Date
    package var bytes: Int64
    package var manifest: ArchiveManifest

    package init(id: ArchiveID, owner: UserID?, createdAt: Date, expiresAt: Date, bytes: Int64, manifest: ArchiveManifest) {
        self.id = id
        self.owner = owner
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.bytes = bytes
        self.manifest = manifest
    }
}

/// What a new store is filled with before it is ready for the first time.
package enum StoreSource: Sendable, Hashable {
    case backup(BackupID)
    case archive(ArchiveID)
}
