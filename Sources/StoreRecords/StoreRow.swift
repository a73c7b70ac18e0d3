import Foundation
import Postgres
import StoreDomain

/// The columns that make a `Store`, for SELECT lists. `source`: the table's alias or a composite value in parentheses.
func storeColumns(of source: StaticString) -> SQL {
    SQL(unsafe: columnNames.map { "\(source).\($0)" }.joined(separator: ", "))
}

/// Those of `stores s`, made once.
let storeColumnsOfS = storeColumns(of: "s")

/// How many they are: what follows them in a SELECT list has this index and the next ones.
let storeColumnCount = columnNames.count

private let columnNames = [
    "id", "name", "engine", "status", "namespace", "owner", "url", "error_message", "engine_version", "created_at", "updated_at",
    "provisioning_started_at", "ready_at", "namespace_created_at", "secrets_generated_at", "database_ready_at", "app_deployed_at",
    "ingress_ready_at", "failed_step", "failed_step_error", "replicas", "pods_running", "pod_restarts", "failure_cause", "health",
    "health_since", "health_cause", "drift", "admin_revision",
]

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
            engineVersion: try row["engine_version"],
            createdAt: try row["created_at"],
            updatedAt: try row["updated_at"],
            provisioningStartedAt: try row["provisioning_started_at"],
            readyAt: try row["ready_at"],
            replicas: try row["replicas"],
            podsRunning: try row["pods_running"],
            podRestarts: try row["pod_restarts"],
            steps: try Self.steps(row: row),
            adminRevision: try row["admin_revision"]
        )
    }

    /// Reads a row whose first columns are `storeColumns`, in binary format.
    init(_ cells: borrowing PostgresResult, row: Int) throws {
        let id = try cells.text(row, 0)
        func unreadable(_ column: String) -> StoreRecordsError {
            StoreRecordsError(code: .unreadableRow, message: "store \(id) has an unreadable \(column)")
        }
        guard let storeID = StoreID(id) else { throw unreadable("id") }
        let name: StoreName
        do { name = try StoreName(cells.text(row, 1)) } catch is StoreName.Invalid { throw unreadable("name") }
        guard let engine = Engine(rawValue: try cells.text(row, 2)) else { throw unreadable("engine") }
        guard let status = StoreStatus(rawValue: try cells.text(row, 3)) else { throw unreadable("status") }
        guard let namespace = StoreNamespace(try cells.text(row, 4)) else { throw unreadable("namespace") }
        var owner: UserID?
        if let text = cells.optionalText(row, 5) {
            guard let user = UserID(text) else { throw unreadable("owner") }
            owner = user
        }
        self.init(
            id: storeID,
            name: name,
            engine: engine,
            status: status,
            namespace: namespace,
            owner: owner,
            url: cells.optionalText(row, 6),
            errorMessage: cells.optionalText(row, 7),
            failureCause: cells.optionalText(row, 23),
            health: try Self.health(cells, row: row),
            engineVersion: cells.optionalText(row, 8),
            createdAt: try cells.date(row, 9),
            updatedAt: try cells.date(row, 10),
            provisioningStartedAt: try cells.optionalDate(row, 11),
            readyAt: try cells.optionalDate(row, 12),
            replicas: try cells.integer(row, 20),
            podsRunning: try cells.integer(row, 21),
            podRestarts: try cells.integer(row, 22),
            steps: try Self.steps(cells, row: row),
            adminRevision: try cells.integer(row, 28)
        )
    }

    private static func health(_ cells: borrowing PostgresResult, row: Int) throws -> StoreHealth? {
        guard let word = cells.optionalText(row, 24), let state = StoreHealth.State(rawValue: word) else { return nil }
        return StoreHealth(
            state: state,
            since: try cells.date(row, 25),
            cause: cells.optionalText(row, 26),
            drift: cells.optionalText(row, 27).flatMap { StoreHealth.Drift(rawValue: $0) }
        )
    }

    private static func steps(_ cells: borrowing PostgresResult, row: Int) throws -> [StepRecord] {
        let failed = cells.optionalText(row, 18)
        let error = cells.optionalText(row, 19)
        var steps: [StepRecord] = []
        for (place, step) in ProvisioningStep.allCases.enumerated() {
            let completedAt = try cells.optionalDate(row, 13 + place)
            let failedHere = failed == step.rawValue
            if completedAt != nil || failedHere {
                steps.append(StepRecord(step: step, completedAt: completedAt, error: failedHere ? error ?? "failed" : nil))
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

    private static func steps(row: PostgresRow) throws -> [StepRecord] {
        let failed: String? = try row["failed_step"]
        let error: String? = try row["failed_step_error"]
        return try ProvisioningStep.allCases.compactMap { step in
            let completedAt: Date? = try row[step.completionColumn]
            let failedHere = failed == step.rawValue
            guard completedAt != nil || failedHere else { return nil }
            return StepRecord(step: step, completedAt: completedAt, error: failedHere ? error ?? "failed" : nil)
        }
    }
}

extension ProvisioningStep {
    var completionColumn: String {
        switch self {
        case .namespaceCreated: "namespace_created_at"
        case .secretsGenerated: "secrets_generated_at"
        case .databaseReady: "database_ready_at"
        case .appDeployed: "app_deployed_at"
        case .ingressReady: "ingress_ready_at"
        }
    }
}
