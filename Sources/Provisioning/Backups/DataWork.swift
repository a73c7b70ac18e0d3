package import StoreDomain

/// What a store is filled with.
package enum StoredData: Sendable, Equatable {
    case backup(Backup)
    case archive(Import)

    /// Of the administrator's password that is in it.
    var adminRevision: Int {
        switch self {
        case .backup(let backup): backup.adminRevision
        case .archive(let archive): archive.manifest.adminRevision
        }
    }
}

/// How far an upgrade is.
package enum UpgradePlace: Sendable, Equatable {
    case start
    /// The backup is taken, and the new version may be installed already.
    case installing(Backup)
    /// The new version was not proved, and the store gets back what it had.
    case goingBack(to: Backup)
}

/// What a job does with a store's data, beside making the store as it is to be.
package enum DataWork: Sendable, Equatable {
    /// Keeps the store's data. The store stays as it is.
    case backUp(BackupKind)
    /// Makes a file of the job's backup, which is taken first where it is not done.
    case export(BackupKind, as: ArchiveID)
    /// Puts a backup in the place of the store's data, of which another backup is taken first. `isBegun`: an earlier attempt did that, and began to
    /// replace the data.
    case restore(Backup, isBegun: Bool)
    /// Loads what a new store has to have before it may serve.
    case load(StoredData)
    /// Takes a backup before the store's version changes.
    case backUpBeforeChange
    /// Changes the store's version while nobody is let in, and proves it before it opens; what is not proved goes back to the backup.
    case upgrade(UpgradePlace)
    /// Takes a backup before the store is removed.
    case backUpBeforeRemoval

    /// That it cannot be done, for people, with what they can do then.
    package func refusal(_ reason: String) -> String {
        switch self {
        case .backUp: "The backup was not made. \(reason)"
        case .restore(_, let isBegun): "\(isBegun ? "The restore cannot go on" : "Nothing was restored"). \(reason)"
        case .export: "The export was not made. \(reason)"
        case .load(.backup): "The backup could not be loaded. \(reason)"
        case .load(.archive): "The archive could not be loaded. \(reason)"
        case .backUpBeforeChange, .upgrade: "The store was not changed, since it could not be backed up before. \(reason)"
        case .backUpBeforeRemoval:
            """
            The final backup could not be made. \(reason) Retry to try it again; or delete the store for good, which keeps nothing of it.
            """
        }
    }
}

/// Where an attempt writes what it did with a store's data; every call throws when the lease is lost.
package protocol BackupJournal: Sendable {
    /// The row of this job's backup of that kind: the one that an earlier attempt began or ended, else a new one.
    func begin(_ kind: BackupKind) async throws -> Backup
    func end(_ backup: BackupID, _ result: Result<BackupContents, BackupFailure>) async throws
    func end(_ export: ArchiveID, _ result: Result<ArchiveContents, BackupFailure>) async throws
    /// Whether an earlier attempt has made it.
    func isMade(_ export: ArchiveID) async throws -> Bool
    /// The newest backup of that kind that this job has taken.
    func taken(_ kind: BackupKind) async throws -> Backup?
    /// From now on the store is closed, with its data as it was, until it is opened or its data is replaced.
    func closes() async throws
    /// It was opened again, as it was.
    func reopened() async throws
    /// From now on the new version is installed, and the backup is the way back, whatever becomes of this attempt.
    func upgrades(from backup: BackupID) async throws
    /// From now on the store's data is half replaced until a restore comes to its end, whatever becomes of this attempt.
    func replaces() async throws
    /// The store's data is whole, and the store is about to be opened: it is not loaded again by another attempt, over what is sold meanwhile.
    func opens() async throws
    /// The store has its data back, and is about to be opened as it was: another attempt opens it, and loads nothing over what is sold meanwhile.
    func isBack() async throws
    /// The backup cannot be restored, whatever the cluster and the vault do. Noted of a store that tests it alone.
    func isUnrestorable(_ reason: String) async throws
    /// With what the repository of that store's backups is encrypted; made where there is none.
    func password(of store: StoreID) async throws -> SecretText
    /// What the store's repository is to keep, where it is time to check it and to remove the rest. What is not among that is forgotten by then.
    func upkeep() async throws -> RepositoryUpkeep?
    /// It was checked, and has nothing else any more; else `damage` says what is wrong with it.
    func keptUp(damage: String?) async throws
}

/// The weekly work on a repository.
package struct RepositoryUpkeep: Sendable, Equatable {
    /// In so many parts is a repository's data read, a part each time.
    package static let parts = 12

    /// Never empty: a list that was lost must not be taken for one that keeps nothing.
    package let kept: [BackupID]
    /// Whose snapshots go now. Those of backups that nobody knows, as after an older dump of the platform's database was loaded, stay until
    /// they are old.
    package let forgotten: Set<BackupID>
    /// Which of them is read now, from 1.
    package let part: Int

    /// `nil` for what keeps nothing. `week`: any count that grows by one each week.
    package init?(keeping kept: [BackupID], forgetting forgotten: Set<BackupID> = [], week: Int) {
        guard !kept.isEmpty else { return nil }
        self.kept = kept
        self.forgotten = forgotten
        part = week % Self.parts + 1
    }
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
