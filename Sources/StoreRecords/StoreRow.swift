import Foundation
import Postgres
import StoreDomain

/// The columns that make a `Store`, for SELECT lists. `source`: the table's alias or a composite value in parentheses.
func storeColumns(of source: StaticString) -> SQL {
    SQL(unsafe: columnNames.map { "\(source).\($0)" }.joined(separator: ", "))
}

private let columnNames = [
    "id", "name", "engine", "status", "namespace", "owner", "url", "error_message", "engine_version", "created_at", "updated_at",
    "provisioning_started_at", "ready_at", "namespace_created_at", "secrets_generated_at", "database_ready_at", "app_deployed_at",
    "ingress_ready_at", "failed_step", "failed_step_error", "replicas", "pods_running", "pod_restarts", "failure_cause", "health",
    "health_since", "health_cause", "drift",
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
            steps: try Self.steps(row: row)
        )
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
