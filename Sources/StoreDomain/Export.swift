package import struct Foundation.Date

/// A backup as one file that its owner may take away.
package struct Export: Sendable, Equatable {
    package var id: ArchiveID
    package var store: StoreID
    package var backup: BackupID
    package var status: BackupStatus
    package var createdAt: Date
    package var finishedAt: Date?
    /// When the vault removes it.
    package var expiresAt: Date
    /// Of one that is done.
    package var contents: ArchiveContents?
    /// Of one that failed.
    package var failure: BackupFailure?

    package init(
        id: ArchiveID,
        store: StoreID,
        backup: BackupID,
        status: BackupStatus,
        createdAt: Date,
        finishedAt: Date? = nil,
        expiresAt: Date,
        contents: ArchiveContents? = nil,
        failure: BackupFailure? = nil
    ) {
        self.id = id
        self.store = store
        self.backup = backup
        self.status = status
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.expiresAt = expiresAt
        self.contents = contents
        self.failure = failure
    }
}

/// An archive as the vault has it.
package struct ArchiveContents: Sendable, Equatable {
    package var bytes: Int64
    /// 64 lower-case hex digits.
    package var sha256: String

    /// `nil` for what is not a SHA-256.
    package init?(bytes: Int64, sha256: String) {
        guard bytes > 0, sha256.isHex(64) else { return nil }
        self.bytes = bytes
        self.sha256 = sha256
    }
}
