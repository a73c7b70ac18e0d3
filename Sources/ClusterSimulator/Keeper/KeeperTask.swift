/// What the pod of a keeper task is to do, read from its container `keeper` and from the Secret that it mounts.
struct KeeperTask {
    enum Work: Equatable {
        case backup(id: String)
        case restore(snapshot: String, files: String?)
        /// The backups that are forgotten.
        case prune([String])
        case load(archive: String)
        case export(snapshot: String, archive: String, manifest: String)
        case count

        var usesDatabase: Bool {
            switch self {
            case .backup, .restore, .load, .count: true
            case .prune, .export: false
            }
        }
    }

    let work: Work
    /// Whose repository it is: of a clone, the store that it is made from.
    let store: String
    /// Empty where the task needs no database.
    let databaseHost: String
    /// Whether it mounts the claim of the uploads.
    let hasUploads: Bool
    /// How long the database is waited for, in seconds.
    let timeout: Int
    /// The repository's.
    let password: String

    /// Whether a pod is one of a keeper task.
    static func isOne(_ pod: JSONValue) -> Bool { pod.labels["app.kubernetes.io/component"] == "keeper" }

    init(_ pod: JSONValue, in cluster: ClusterState) throws(KeeperFailure) {
        let variables = pod.spec["containers"].array.first { $0["name"].string == "keeper" }?["env"].array ?? []
        func text(_ name: String) -> String { variables.first { $0["name"].string == name }?["value"].string ?? "" }
        func required(_ name: String, _ form: Regex<Substring>) throws(KeeperFailure) -> String {
            let value = text(name)
            guard value.wholeMatch(of: form) != nil else {
                throw KeeperFailure(.taskFailed, "\(name) is missing or malformed: \"\(value)\"")
            }
            return value
        }
        store = try required("KEEPER_STORE", /[a-f][0-9a-f]{11}/)
        hasUploads = pod.spec["volumes"].array.contains { !$0["persistentVolumeClaim"].isNull }
        switch text("KEEPER_TASK") {
        case "backup": work = .backup(id: try required("KEEPER_BACKUP", /[0-9a-f]{12}/))
        case "restore":
            let files = text("KEEPER_FILES")
            work = .restore(snapshot: try required("KEEPER_SNAPSHOT", /[0-9a-f]{64}/), files: files.isEmpty ? nil : files)
        case "prune":
            _ = try required("KEEPER_CHECK", /[1-9][0-9]?\/[1-9][0-9]?/)
            _ = try required("KEEPER_KEEP", /[0-9a-f]{12}(?: [0-9a-f]{12})*/)
            work = .prune(text("KEEPER_FORGET").split(separator: " ").map(String.init))
        case "export":
            work = .export(
                snapshot: try required("KEEPER_SNAPSHOT", /[0-9a-f]{64}/),
                archive: try Self.archive(Self.secretFiles(of: pod, in: cluster)),
                manifest: text("KEEPER_MANIFEST")
            )
        case "import": work = .load(archive: try Self.archive(Self.secretFiles(of: pod, in: cluster)))
        case "count": work = .count
        case let other:
            throw KeeperFailure(.taskFailed, "KEEPER_TASK must be backup, restore, prune, export, import or count, not \"\(other)\"")
        }
        databaseHost = work.usesDatabase ? try required("KEEPER_DATABASE_HOST", /[a-z0-9][a-z0-9.-]*/) : ""
        _ = try required("KEEPER_ENGINE", /woocommerce|medusa/)
        timeout = Int(try required("KEEPER_TIMEOUT", /[1-9][0-9]{0,3}/)) ?? 0
        switch work {
        case .load, .count:
            password = ""
            return
        case .backup, .restore, .prune, .export: break
        }
        let files = Self.secretFiles(of: pod, in: cluster)
        guard let repository = files["repository"], let password = files["password"], !password.isEmpty else {
            throw KeeperFailure(.taskFailed, "The files repository and password are missing")
        }
        guard repository.contains("://"), repository.contains("@"), repository.split(separator: "/").last == store[...] else {
            throw KeeperFailure(.vaultRefused, "403: the repository is not the store's, or nobody signs in to it (simulated)")
        }
        self.password = password
    }

    /// The name of the archive that the file `archive` lets the task at.
    private static func archive(_ files: [String: String]) throws(KeeperFailure) -> String {
        guard let address = files["archive"], address.contains("@"),
            let name = address.split(separator: "/").last.map(String.init), SimulatedVault.isFolder("/\(name)/")
        else { throw KeeperFailure(.taskFailed, "The file archive is missing") }
        return name
    }

    /// The files of all Secrets that are mounted.
    private static func secretFiles(of pod: JSONValue, in cluster: ClusterState) -> [String: String] {
        var files: [String: String] = [:]
        for volume in pod.spec["volumes"].array {
            guard let name = volume["secret"]["secretName"].string else { continue }
            for (key, value) in cluster.objects[ObjectKey(.secrets, pod.namespace, name)]?["data"].strings ?? [:] {
                files[key] = Base64.decode(value).map { String(decoding: $0, as: UTF8.self) }
            }
        }
        return files
    }

    /// Whether the database, which the task cannot do without, does not answer.
    func awaitsDatabase(in namespace: String, of cluster: ClusterState) -> Bool {
        !databaseHost.isEmpty && !EndpointsController.hasReady(databaseHost, in: namespace, of: cluster)
    }

    /// What it says when the database did not answer in time.
    var databaseAway: KeeperFailure {
        let code: KeeperFailure.Code =
            switch work {
            case .backup: .dumpFailed
            case .count: .countFailed
            case .restore, .load, .prune, .export: .loadFailed
            }
        return KeeperFailure(code, "The database did not answer within \(timeout) seconds (simulated)")
    }
}

extension ClusterState {
    /// Carries a keeper task out, all of it at once, and returns its result as its termination message says it.
    func perform(_ task: KeeperTask, in namespace: String) throws(KeeperFailure) -> JSONValue {
        switch task.work {
        case .backup(let id):
            let ledger = ledger(of: namespace)
            let dump = SimulatedVault.Snapshot(id: newSnapshotID(), backup: id, database: ledger)
            let files = task.hasUploads ? SimulatedVault.Snapshot(id: newSnapshotID(), backup: id, database: nil) : nil
            try vault.save([dump] + (files.map { [$0] } ?? []), of: task.store, password: task.password)
            let bytes = 65_536 + 1_024 * ledger.orders
            return [
                "snapshot": .string(dump.id), "files": .string(files?.id ?? ""), "databaseBytes": JSONValue(bytes),
                "fileBytes": JSONValue(task.hasUploads ? 1_048_576 : 0), "addedBytes": JSONValue(bytes / 4),
                "products": JSONValue(ledger.products), "orders": JSONValue(ledger.orders),
            ]
        case .restore(let snapshot, let files):
            if let files {
                guard task.hasUploads else { throw KeeperFailure(.filesFailed, "There is no volume for the uploads (simulated)") }
                _ = try vault.snapshot(files, of: task.store, password: task.password)
            }
            guard let saved = try vault.snapshot(snapshot, of: task.store, password: task.password).database else {
                throw KeeperFailure(.loadFailed, "The snapshot \(snapshot) is none of a database (simulated)")
            }
            var ledger = ledger(of: namespace)
            ledger.load(saved)
            setLedger(ledger, of: namespace)
            return ["restored": true, "products": JSONValue(ledger.products), "orders": JSONValue(ledger.orders)]
        case .export(let snapshot, let archive, let manifest):
            guard let saved = try vault.snapshot(snapshot, of: task.store, password: task.password).database else {
                throw KeeperFailure(.noSnapshot, "The snapshot \(snapshot) is none of a database (simulated)")
            }
            let bytes = SimulatedArchive.bytes(manifest: manifest, ledger: saved)
            var report = vault.keep(bytes, as: archive, hash: newSnapshotID())
            report["exported"] = true
            return report
        case .load(let archive):
            guard let bytes = vault.archives[archive]?.bytes else { throw KeeperFailure(.noArchive, "There is no \(archive) (simulated)") }
            guard let saved = SimulatedArchive.ledger(in: bytes) else {
                throw KeeperFailure(.badArchive, "It has no database.sql (simulated)")
            }
            var ledger = ledger(of: namespace)
            ledger.load(saved)
            setLedger(ledger, of: namespace)
            return ["imported": true, "products": JSONValue(ledger.products), "orders": JSONValue(ledger.orders)]
        case .prune(let forgotten):
            try vault.forget(forgotten, of: task.store, password: task.password)
            return ["checked": true, "pruned": true]
        case .count:
            let ledger = ledger(of: namespace)
            return ["counted": true, "products": JSONValue(ledger.products), "orders": JSONValue(ledger.orders)]
        }
    }

    func newSnapshotID() -> String { (newUID() + newUID()).filter { $0 != "-" } }
}
