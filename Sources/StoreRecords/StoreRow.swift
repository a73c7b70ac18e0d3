import Foundation
import Postgres
package import StoreDomain

extension Store {
    /// Reads a row that has `storeColumns`.
    init(row: PostgresRow) throws {
        let id: String = try row["id"]
        func unreadable(_ column: String) -> StoreRecordsError {
            StoreRecordsError(code: .unreadableRow, message: "store \(id) has an unreadable \(column)")
        }
        guard let storeID = StoreID(id) else { throw unreadable("id") }
        guard let engine = Engine(rawValue: try row["engine"]) else { throw unreadable("engine") }
        guard let status = StoreStatus(rawValue: try row["status"]) else { throw unreadable("status") }
        guard let namespace = StoreNamespace(try row["namespace"]) else { throw unreadable("namespace") }
        let name: StoreName
        do { name = try StoreName(row["name"]) } catch is StoreName.Invalid { throw unreadable("name") }
        let owner: String? = try row["owner"]
        self.init(
            id: storeID,
            name: name,
            engine: engine,
            status: status,
            namespace: namespace,
            owner: try owner.map { text in
                guard let user = UserID(text) else { throw unreadable("owner") }
                return user
            },
            url: try row["url"],
            errorMessage: try row["error_message"],
            failureCause: try row["failure_cause"],
            health: try Self.health(row: row),
            changeError: try Self.changeError(row: row),
            engineVersion: try row["engine_version"],
            createdAt: try row["created_at"],
            updatedAt: try row["updated_at"],
            askedAt: try row["asked_at"],
            provisioningStartedAt: try row["provisioning_started_at"],
            readyAt: try row["ready_at"],
            replicas: try row["replicas"],
            podsRunning: try row["pods_running"],
            podRestarts: try row["pod_restarts"],
            steps: try Self.steps(row: row),
            spec: try StoreSpec(row: row, of: id),
            generation: try row["generation"],
            appliedGeneration: try row["applied_generation"],
            activity: (try row["activity"] as String?).flatMap(StoreActivity.init),
            awakeSchedule: try (row["awake_schedule"] as String?).map { text in
                guard let schedule = AwakeSchedule(text) else { throw unreadable("awake_schedule") }
                return schedule
            },
            pinnedUntil: try row["pinned_until"],
            lastBackupAt: try row["last_backup_at"],
            restoredFrom: try (row["restored_from"] as String?).map { text in
                guard let backup = BackupID(text) else { throw unreadable("restored_from") }
                return backup
            },
            importedFrom: (try row["imported_from"] as String?).flatMap { ArchiveID($0) },
            isVerification: try row["verification"],
            domains: try { text in
                guard let domains = DomainBrief.list(text) else { throw unreadable("domains") }
                return domains
            }(row["domains"])
        )
    }

    /// Keeps a row. Throws `StoreRecordsError` for what no store can have.
    package init(_ cells: StoreRowView) throws {
        func unreadable(_ column: StoreColumn) -> StoreRecordsError {
            StoreRecordsError(code: .unreadableRow, message: "store \(cells.text(.id) ?? "") has an unreadable \(column.name)")
        }
        guard let id = StoreID(cells.text(.id) ?? "") else { throw unreadable(.id) }
        let name: StoreName
        do { name = try StoreName(cells.text(.name) ?? "") } catch { throw unreadable(.name) }
        guard let namespace = StoreNamespace(cells.text(.namespace) ?? "") else { throw unreadable(.namespace) }
        var owner: UserID?
        if let text = cells.text(.owner) {
            guard let user = UserID(text) else { throw unreadable(.owner) }
            owner = user
        }
        guard let createdAt = try cells.date(.createdAt) else { throw unreadable(.createdAt) }
        guard let updatedAt = try cells.date(.updatedAt) else { throw unreadable(.updatedAt) }
        self.init(
            id: id,
            name: name,
            engine: cells.engine,
            status: cells.status,
            namespace: namespace,
            owner: owner,
            url: cells.text(.url),
            errorMessage: cells.text(.errorMessage),
            failureCause: cells.text(.failureCause),
            health: try Self.health(cells),
            changeError: try Self.changeError(cells),
            engineVersion: cells.text(.engineVersion),
            createdAt: createdAt,
            updatedAt: updatedAt,
            askedAt: try cells.date(.askedAt),
            provisioningStartedAt: try cells.date(.provisioningStartedAt),
            readyAt: try cells.date(.readyAt),
            replicas: try cells.number(.replicas),
            podsRunning: try cells.number(.podsRunning),
            podRestarts: try cells.number(.podRestarts),
            steps: try Self.steps(cells),
            spec: try Self.spec(cells),
            generation: Int64(try cells.number(.generation)),
            appliedGeneration: Int64(try cells.number(.appliedGeneration)),
            activity: cells.word(.activity),
            awakeSchedule: try cells.text(.awakeSchedule).map { text in
                guard let schedule = AwakeSchedule(text) else { throw unreadable(.awakeSchedule) }
                return schedule
            },
            pinnedUntil: try cells.date(.pinnedUntil),
            lastBackupAt: try cells.date(.lastBackupAt),
            restoredFrom: try cells.text(.restoredFrom).map { text in
                guard let backup = BackupID(text) else { throw unreadable(.restoredFrom) }
                return backup
            },
            importedFrom: cells.text(.importedFrom).flatMap { ArchiveID($0) },
            isVerification: try cells.flag(.verification),
            domains: try cells.domains
        )
    }

    private static func spec(_ cells: StoreRowView) throws -> StoreSpec {
        func unreadable(_ column: StoreColumn) -> StoreRecordsError {
            StoreRecordsError(code: .unreadableRow, message: "store \(cells.text(.id) ?? "") has an unreadable \(column.name)")
        }
        func size(_ column: StoreColumn) throws -> VolumeSize? {
            guard cells.bytes(column) != nil else { return nil }
            guard let size = VolumeSize(mebibytes: try cells.number(column)) else { throw unreadable(column) }
            return size
        }
        guard let plan: StorePlan = cells.word(.plan) else { throw unreadable(.plan) }
        return StoreSpec(
            plan: plan,
            version: try cells.text(.version).map { text in
                guard let version = ChartVersion(text) else { throw unreadable(.version) }
                return version
            },
            isPinned: try cells.flag(.pinned),
            isAsleep: try cells.flag(.asleep),
            database: try size(.databaseSize),
            uploads: try size(.uploadsSize),
            storageClass: cells.text(.storageClass),
            host: cells.text(.host),
            adminRevision: try cells.number(.adminRevision),
            isStaging: try cells.flag(.staging),
            ownHosts: try {
                guard let hosts = OwnHosts(hosts: cells.text(.ownHosts) ?? "", primary: cells.text(.primaryHost)) else {
                    throw unreadable(.ownHosts)
                }
                return hosts
            }()
        )
    }

    private static func health(_ cells: StoreRowView) throws -> StoreHealth? {
        guard let state: StoreHealth.State = cells.word(.health), let since = try cells.date(.healthSince) else { return nil }
        return StoreHealth(state: state, since: since, cause: cells.text(.healthCause), drift: cells.word(.drift))
    }

    private static func changeError(_ cells: StoreRowView) throws -> ChangeError? {
        guard let code = cells.text(.changeErrorCode), let message = cells.text(.changeError), let at = try cells.date(.changeErrorAt)
        else {
            return nil
        }
        return ChangeError(ChangeFailure(code: code, message: message), at: at)
    }

    private static func steps(_ cells: StoreRowView) throws -> [StepRecord] {
        let failed = cells.failedStep
        var steps: [StepRecord] = []
        for step in ProvisioningStep.allCases {
            let completedAt = try cells.date(step.column)
            if completedAt != nil || failed == step {
                let error = failed == step ? cells.text(.failedStepError) ?? "failed" : nil
                steps.append(StepRecord(step: step, completedAt: completedAt, error: error))
            }
        }
        return steps
    }

    private static func health(row: PostgresRow) throws -> StoreHealth? {
        guard let word: String = try row["health"], let state = StoreHealth.State(rawValue: word) else { return nil }
        let drift: String? = try row["drift"]
        return StoreHealth(
            state: state,
            since: try row["health_since"],
            cause: try row["health_cause"],
            drift: drift.flatMap { StoreHealth.Drift(rawValue: $0) }
        )
    }

    private static func changeError(row: PostgresRow) throws -> ChangeError? {
        guard let code: String = try row["change_error_code"] else { return nil }
        return ChangeError(ChangeFailure(code: code, message: try row["change_error"]), at: try row["change_error_at"])
    }

    private static func steps(row: PostgresRow) throws -> [StepRecord] {
        let failed: String? = try row["failed_step"]
        let error: String? = try row["failed_step_error"]
        return try ProvisioningStep.allCases.compactMap { step in
            let completedAt: Date? = try row[step.column.name]
            let failedHere = failed == step.rawValue
            guard completedAt != nil || failedHere else { return nil }
            return StepRecord(step: step, completedAt: completedAt, error: failedHere ? error ?? "failed" : nil)
        }
    }
}

extension StoreSpec {
    /// Reads a row that has the spec's columns. `store`: named in an error.
    init(row: PostgresRow, of store: String, prefix: String = "") throws {
        func unreadable(_ column: String) -> StoreRecordsError {
            StoreRecordsError(code: .unreadableRow, message: "store \(store) has an unreadable \(column)")
        }
        func size(_ column: String) throws -> VolumeSize? {
            guard let mebibytes: Int = try row[prefix + column] else { return nil }
            guard let size = VolumeSize(mebibytes: mebibytes) else { throw unreadable(column) }
            return size
        }
        guard let plan = StorePlan(rawValue: try row[prefix + "plan"]) else { throw unreadable("plan") }
        let text: String? = try row[prefix + "version"]
        let version = text.flatMap { ChartVersion($0) }
        if text != nil, version == nil { throw unreadable("version") }
        let primary: String? = try row[prefix + "primary_host"]
        guard let hosts = OwnHosts(hosts: try row[prefix + "own_hosts"], primary: primary) else { throw unreadable("own_hosts") }
        self.init(
            plan: plan,
            version: version,
            isPinned: try row[prefix + "pinned"],
            isAsleep: try row[prefix + "asleep"],
            database: try size("database_mib"),
            uploads: try size("uploads_mib"),
            storageClass: try row[prefix + "storage_class"],
            host: try row[prefix + "host"],
            adminRevision: try row[prefix + "admin_revision"],
            isStaging: try row[prefix + "staging"],
            ownHosts: hosts
        )
    }
}
