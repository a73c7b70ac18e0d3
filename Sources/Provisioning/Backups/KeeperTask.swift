import StoreDomain

/// A task that a pod in the store's namespace carries out: it moves data between the store and the vault.
package struct KeeperTask: Sendable, Equatable {
    /// What the vault lets the task do with the repository.
    package enum Right: String, Sendable { case append, read, prune }

    enum Kind: String, Sendable { case backup, restore, prune }

    let kind: Kind
    /// Of the Job and everything that belongs to it. A task of one job has the same name in each attempt: a successor finds its predecessor's.
    let name: String
    /// Whose repository it is; another store's where its backup fills this one.
    let repository: StoreID
    /// What the pod's containers are told beside where the database is.
    let environment: [(name: String, value: String)]

    var right: Right {
        switch kind {
        case .backup: .append
        case .restore: .read
        case .prune: .prune
        }
    }

    /// Keeps the store's data as this backup.
    static func backup(_ backup: Backup) -> KeeperTask {
        KeeperTask(.backup, name: "keeper-\(backup.id)", backup.store, [("KEEPER_BACKUP", backup.id.rawValue)])
    }

    /// Puts the backup in the place of what the store has.
    static func restore(_ backup: Backup, _ contents: BackupContents, by job: JobID) -> KeeperTask {
        let environment = [
            ("KEEPER_BACKUP", backup.id.rawValue), ("KEEPER_SNAPSHOT", contents.snapshot), ("KEEPER_FILES", contents.files ?? ""),
        ]
        return KeeperTask(.restore, name: "keeper-restore-\(backup.id)-\(job)", backup.store, environment)
    }

    /// Removes what was kept by these backups, which are one store's.
    static func prune(_ backups: [Backup], of store: StoreID, by job: JobID) -> KeeperTask {
        let snapshots = backups.compactMap(\.contents).flatMap { [$0.snapshot, $0.files].compactMap(\.self) }
        return KeeperTask(.prune, name: "keeper-prune-\(job)", store, [("KEEPER_FORGET", snapshots.joined(separator: " "))])
    }

    private init(_ kind: Kind, name: String, _ repository: StoreID, _ environment: [(name: String, value: String)]) {
        self.kind = kind
        self.name = name
        self.repository = repository
        self.environment = environment + [("KEEPER_TASK", kind.rawValue), ("KEEPER_STORE", repository.rawValue)]
    }

    package static func == (left: KeeperTask, right: KeeperTask) -> Bool { left.name == right.name && left.kind == right.kind }
}

/// What a task's pod says at its end, in its termination message.
enum KeeperReport: Equatable {
    case kept(BackupContents)
    case done
    case failed(BackupFailure)
}
