import Foundation
import Postgres
package import StoreDomain

extension Store {
    /// Reads a row that has `storeColumns`.
    init(row: PostgresRow) throws {
        let id: StoreID = try row["id"]
        self.init(
            id: id,
            name: try row["name"],
            engine: try row["engine"],
            status: try row["status"],
            namespace: try row["namespace"],
            owner: try row["owner"],
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
            spec: try StoreSpec(row: row, of: id.rawValue),
            generation: try row["generation"],
            appliedGeneration: try row["applied_generation"],
            activity: try row.known("activity"),
            awakeSchedule: try row["awake_schedule"],
            pinnedUntil: try row["pinned_until"],
            lastBackupAt: try row["last_backup_at"],
            restoredFrom: try row["restored_from"],
            importedFrom: try row.known("imported_from"),
            isVerification: try row["verification"],
            domains: try { text in
                guard let domains = DomainBrief.list(text) else {
                    throw StoreRecordsError(code: .unreadableRow, message: "store \(id) has unreadable domains")
                }
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
        guard let state: StoreHealth.State = try row.known("health") else { return nil }
        return StoreHealth(
            state: state,
            since: try row["health_since"],
            cause: try row["health_cause"],
            drift: try row.known("drift")
        )
    }

    private static func changeError(row: PostgresRow) throws -> ChangeError? {
        guard let code: String = try row["change_error_code"] else { return nil }
        return ChangeError(ChangeFailure(code: code, message: try row["change_error"]), at: try row["change_error_at"])
    }

    private static func steps(row: PostgresRow) throws -> [StepRecord] {
        let failed: ProvisioningStep? = try row.known("failed_step")
        let error: String? = try row["failed_step_error"]
        return try ProvisioningStep.allCases.compactMap { step in
            let completedAt: Date? = try row[step.column.name]
            let failedHere = failed == step
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
        guard let hosts = OwnHosts(hosts: try row[prefix + "own_hosts"], primary: try row[prefix + "primary_host"]) else {
            throw unreadable("own_hosts")
        }
        self.init(
            plan: try row[prefix + "plan"],
            version: try row[prefix + "version"],
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
