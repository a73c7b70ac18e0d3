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

    /// Those that are gone already are no failure.
    mutating func forget(_ ids: [String], of store: String, password: String) throws(KeeperFailure) {
        guard let repository = repositories[store] else { throw .noRepository(store) }
        try check(repository.password, password)
        repositories[store]?.snapshots.removeAll { ids.contains($0.id) }
    }

    /// False: there is none.
    mutating func remove(_ store: String) -> Bool { repositories.removeValue(forKey: store) != nil }

    private func check(_ kept: String, _ given: String) throws(KeeperFailure) {
        guard kept == given else { throw KeeperFailure(.wrongKey, "wrong password or no key found (simulated)") }
    }

    /// `{"<store>": [{"id": …, "backup": …, "kind": "database", "orders": 1}, …]}`, oldest first.
    var json: JSONValue { .object(repositories.mapValues { .array($0.snapshots.map(\.json)) }) }
}

extension SimulatedVault {
    /// Whether the path is that of a store's whole repository: `/<store>/`.
    static func isRepository(_ path: String) -> Bool { path.wholeMatch(of: /\/[0-9a-f]{12}\//) != nil }
}

extension ClusterState {
    /// What the vault answers a worker that signs in: `DELETE /<store>/` removes the store's repository. Any token opens it. `nil`: the request is not
    /// for the vault.
    func answerVault(_ request: APIRequest) -> APIResponse? {
        guard request.method == "DELETE", request.path.count == 1, let store = request.path.first, SimulatedVault.isRepository("/\(store)/")
        else {
            return nil
        }
        guard request.headers["authorization"]?.hasPrefix("Basic ") == true else { return .json(["error": "unauthorized"], status: 401) }
        return .json(["removed": .bool(vault.remove(store))])
    }
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
        case taskFailed = "task-failed"
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
