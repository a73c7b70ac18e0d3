import StoreDomain

/// A task that a pod in the store's namespace carries out: it moves data between the store and the vault.
package struct KeeperTask: Sendable {
    /// What the vault lets the task do with a folder of it.
    package enum Right: String, Sendable { case append, read, prune }

    enum Kind: String, Sendable {
        case backup, restore, prune, export, count
        case load = "import"

        /// Whether it works with the store's data: a container with the database's own clients beside the keeper, and the uploads.
        var usesStore: Bool { [.backup, .restore, .load, .count].contains(self) }

        /// Whether it works with the uploads, too.
        var usesUploads: Bool { usesStore && self != .count }
    }

    let kind: Kind
    /// Of the Job and everything that belongs to it. A task of one job has the same name in each attempt: a successor finds its predecessor's.
    let name: String
    /// Whose repository it uses: another store's where its backup fills this one; `nil`: none.
    let repository: StoreID?
    /// What of the vault the task may use, each by a file of that name in its Secret.
    let folders: [(file: String, folder: VaultFolder, right: Right)]
    /// What the pod's containers are told beside where the database is.
    let environment: [(name: String, value: String)]

    /// Keeps the store's data as this backup.
    static func backup(_ backup: Backup) -> KeeperTask {
        KeeperTask(.backup, name: "keeper-\(backup.id)", backup.store, .append, [("KEEPER_BACKUP", backup.id.rawValue)])
    }

    /// Puts the backup in the place of what the store has.
    static func restore(_ backup: Backup, _ contents: BackupContents, by job: JobID) -> KeeperTask {
        KeeperTask(.restore, name: "keeper-restore-\(backup.id)-\(job)", backup.store, .read, environment(of: backup, contents))
    }

    /// Makes one file of the backup, which has the name of the export.
    static func export(_ backup: Backup, _ contents: BackupContents, as archive: ArchiveID, of engine: Engine) throws -> KeeperTask {
        KeeperTask(
            .export,
            name: "keeper-export-\(archive)",
            backup.store,
            .read,
            archive: (archive, .append),
            environment(of: backup, contents) + [("KEEPER_MANIFEST", try ArchiveManifest(of: backup, contents, engine).json())]
        )
    }

    /// Puts what is in the archive in the place of what the store has.
    static func load(_ archive: Import, into store: StoreID, by job: JobID) -> KeeperTask {
        KeeperTask(
            .load,
            name: "keeper-import-\(archive.id)-\(job)",
            nil,
            .read,
            archive: (archive.id, .read),
            [("KEEPER_STORE", store.rawValue)]
        )
    }

    /// Counts what the store has.
    static func count(of store: StoreID, by job: JobID) -> KeeperTask {
        KeeperTask(.count, name: "keeper-count-\(job)", nil, .read, [("KEEPER_STORE", store.rawValue)])
    }

    private static func environment(of backup: Backup, _ contents: BackupContents) -> [(name: String, value: String)] {
        [("KEEPER_BACKUP", backup.id.rawValue), ("KEEPER_SNAPSHOT", contents.snapshot), ("KEEPER_FILES", contents.files ?? "")]
    }

    /// Checks the store's repository, and removes what is of no backup that is kept.
    static func prune(_ upkeep: RepositoryUpkeep, of store: StoreID, by job: JobID) -> KeeperTask {
        let environment = [
            ("KEEPER_KEEP", upkeep.kept.map(\.rawValue).joined(separator: " ")),
            ("KEEPER_FORGET", upkeep.forgotten.map(\.rawValue).sorted().joined(separator: " ")),
            ("KEEPER_CHECK", "\(upkeep.part)/\(RepositoryUpkeep.parts)"),
        ]
        return KeeperTask(.prune, name: "keeper-prune-\(job)", store, .prune, environment)
    }

    private init(
        _ kind: Kind,
        name: String,
        _ repository: StoreID?,
        _ right: Right,
        archive: (id: ArchiveID, right: Right)? = nil,
        _ environment: [(name: String, value: String)]
    ) {
        self.kind = kind
        self.name = name
        self.repository = repository
        folders =
            (repository.map { [("repository", .repository(.store($0)), right)] } ?? [])
            + (archive.map { [("archive", .archive($0.id), $0.right)] } ?? [])
        self.environment = environment + [("KEEPER_TASK", kind.rawValue)] + (repository.map { [("KEEPER_STORE", $0.rawValue)] } ?? [])
    }
}

/// What a task's pod says at its end, in its termination message.
enum KeeperReport: Equatable {
    case kept(BackupContents)
    /// What the database has now.
    case loaded(products: Int, orders: Int)
    case counted(products: Int, orders: Int)
    case exported(ArchiveContents)
    case done
    case failed(BackupFailure)
}
