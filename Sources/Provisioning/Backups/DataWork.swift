package import StoreDomain

/// What a job does with a store's data, beside making the store as it is to be.
package enum DataWork: Sendable, Equatable {
    /// Keeps the store's data. The store stays as it is.
    case backUp(BackupKind)
    /// Puts a backup in the place of the store's data, of which another backup is taken first. `isBegun`: an earlier attempt did that, and began to
    /// replace the data.
    case restore(Backup, isBegun: Bool)
    /// Loads the backup that a new store has to have before it may serve.
    case load(Backup)
    /// Takes a backup before the store's version changes.
    case backUpBeforeChange
    /// Takes a backup before the store is removed.
    case backUpBeforeRemoval
}

/// Where an attempt writes what it did with a store's data; every call throws when the lease is lost.
package protocol BackupJournal: Sendable {
    /// The row of this job's backup of that kind: the one that an earlier attempt began or ended, else a new one.
    func begin(_ kind: BackupKind) async throws -> Backup
    func end(_ backup: BackupID, _ result: Result<BackupContents, BackupFailure>) async throws
    /// The newest backup of that kind that this job has taken.
    func taken(_ kind: BackupKind) async throws -> Backup?
    /// From now on the store's data is half replaced until a restore comes to its end, whatever becomes of this attempt.
    func replaces() async throws
    /// The store's data is whole, and the store is about to be opened: it is not loaded again by another attempt, over what is sold meanwhile.
    func opens() async throws
    /// With what the repository of that store's backups is encrypted; made where there is none.
    func password(of store: StoreID) async throws -> SecretText
    /// The snapshots that the store's retention has no need of, where it is time to remove some.
    func expired() async throws -> [Backup]
    /// They are removed from the repository.
    func forget(_ backups: [BackupID]) async throws
}

/// A job's work with a store's data.
package struct DataJob: Sendable {
    package var work: DataWork
    package var job: JobID
    package var journal: any BackupJournal
    /// Whether no further attempt follows one that fails.
    package var isLastTry: Bool

    package init(_ work: DataWork, of job: JobID, journal: any BackupJournal, isLastTry: Bool) {
        self.work = work
        self.job = job
        self.journal = journal
        self.isLastTry = isLastTry
    }
}
