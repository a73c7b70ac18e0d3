/// What the keepers of all stores have saved: one repository for each store, by its id. It outlives namespaces, but not the simulator.
struct SimulatedVault {
    struct Snapshot {
        let id: String
        /// The backup that it belongs to.
        let backup: String
        /// The database, or `nil` for one of the uploads, of which nothing is simulated.
        let database: OrderLedger?

        var json: JSONValue {
            var json: JSONValue = ["id": .string(id), "backup": .string(backup), "kind": database == nil ? "uploads" : "database"]
            json["orders"] = database.map { JSONValue($0.orders) } ?? .null
            return json
        }
    }

    private struct Repository {
        let password: String
        var snapshots: [Snapshot] = []
    }

    private var repositories: [String: Repository] = [:]
    /// By their folders' names. Nothing is hashed here: the hash is a name that no other archive has.
    private(set) var archives: [String: (bytes: [UInt8], hash: String)] = [:]

    mutating func save(_ snapshots: [Snapshot], of store: String, password: String) throws(KeeperFailure) {
        try check(repositories[store]?.password ?? password, password)
        repositories[store, default: Repository(password: password)].snapshots += snapshots
    }

    func snapshot(_ id: String, of store: String, password: String) throws(KeeperFailure) -> Snapshot {
        guard let repository = repositories[store] else { throw .noRepository(store) }
        try check(repository.password, password)
        guard let snapshot = repository.snapshots.first(where: { $0.id == id }) else {
            throw KeeperFailure(.noSnapshot, "no matching ID found for \(id) (simulated)")
        }
        return snapshot
    }

    /// Forgets what is of no other backup than these.
    mutating func forget(_ backups: [String], of store: String, password: String) throws(KeeperFailure) {
        guard let repository = repositories[store] else { throw .noRepository(store) }
        try check(repository.password, password)
        repositories[store]?.snapshots.removeAll { backups.contains($0.backup) }
    }

    /// In bytes, 64 KiB for each snapshot; 0 where there is none.
    func size(of store: String) -> Int { (repositories[store]?.snapshots.count ?? 0) * 65_536 }

    /// Returns what the vault says of it.
    mutating func keep(_ archive: [UInt8], as name: String, hash: String) -> JSONValue {
        archives[name] = (archive, hash)
        return ["bytes": JSONValue(archive.count), "sha256": .string(hash)]
    }

    /// False: there is none.
    mutating func remove(_ folder: String) -> Bool {
        archives.removeValue(forKey: folder) != nil || repositories.removeValue(forKey: folder) != nil
    }

    private func check(_ kept: String, _ given: String) throws(KeeperFailure) {
        guard kept == given else { throw KeeperFailure(.wrongKey, "wrong password or no key found (simulated)") }
    }

    /// `{"<store>": [{"id": …, "backup": …, "kind": "database", "orders": 1}, …]}`, oldest first.
    var json: JSONValue { .object(repositories.mapValues { .array($0.snapshots.map(\.json)) }) }
}

/// Why a keeper task failed, as its termination message says.
struct KeeperFailure: Error {
    enum Code: String {
        case vaultAway = "vault-away"
        case vaultRefused = "vault-refused"
        case wrongKey = "wrong-key"
        case noRepository = "no-repository"
        case noSnapshot = "no-snapshot"
        case dumpFailed = "dump-failed"
        case loadFailed = "load-failed"
        case filesFailed = "files-failed"
        case checkFailed = "check-failed"
        case countFailed = "count-failed"
        case taskFailed = "task-failed"
        case noArchive = "no-archive"
        case badArchive = "bad-archive"
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func noRepository(_ store: String) -> Self { Self(.noRepository, "There is no repository of the store \(store) (simulated)") }

    var json: JSONValue { ["error": .string(code.rawValue), "message": .string(message)] }
}
