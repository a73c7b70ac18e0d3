import Postgres
import StoreDomain

/// The columns of `stores` that make a `Store`, in the order in which statements select them: the raw value is the place in a row.
package enum StoreColumn: Int, CaseIterable, Sendable {
    case id, name, engine, status, namespace, owner, url, errorMessage, engineVersion
    case createdAt, updatedAt, askedAt, provisioningStartedAt, readyAt
    case namespaceCreatedAt, secretsGeneratedAt, databaseReadyAt, appDeployedAt, ingressReadyAt
    case failedStep, failedStepError
    case replicas, podsRunning, podRestarts
    case failureCause, health, healthSince, healthCause, drift
    case adminRevision
    case changeErrorCode, changeError, changeErrorAt
    case generation, appliedGeneration, activity
    case plan, version, pinned, asleep, databaseSize, uploadsSize, storageClass, host
    case awakeSchedule
    case staging, lastBackupAt, restoredFrom, verification, importedFrom
    case domains, ownHosts, primaryHost
    case pinnedUntil

    /// In PostgreSQL.
    package var name: String {
        switch self {
        case .id: "id"
        case .name: "name"
        case .engine: "engine"
        case .status: "status"
        case .namespace: "namespace"
        case .owner: "owner"
        case .url: "url"
        case .errorMessage: "error_message"
        case .engineVersion: "engine_version"
        case .createdAt: "created_at"
        case .updatedAt: "updated_at"
        case .askedAt: "asked_at"
        case .provisioningStartedAt: "provisioning_started_at"
        case .readyAt: "ready_at"
        case .namespaceCreatedAt: "namespace_created_at"
        case .secretsGeneratedAt: "secrets_generated_at"
        case .databaseReadyAt: "database_ready_at"
        case .appDeployedAt: "app_deployed_at"
        case .ingressReadyAt: "ingress_ready_at"
        case .failedStep: "failed_step"
        case .failedStepError: "failed_step_error"
        case .replicas: "replicas"
        case .podsRunning: "pods_running"
        case .podRestarts: "pod_restarts"
        case .failureCause: "failure_cause"
        case .health: "health"
        case .healthSince: "health_since"
        case .healthCause: "health_cause"
        case .drift: "drift"
        case .adminRevision: "admin_revision"
        case .changeErrorCode: "change_error_code"
        case .changeError: "change_error"
        case .changeErrorAt: "change_error_at"
        case .generation: "generation"
        case .appliedGeneration: "applied_generation"
        case .activity: "activity"
        case .plan: "plan"
        case .version: "version"
        case .pinned: "pinned"
        case .asleep: "asleep"
        case .databaseSize: "database_mib"
        case .uploadsSize: "uploads_mib"
        case .storageClass: "storage_class"
        case .host: "host"
        case .awakeSchedule: "awake_schedule"
        case .staging: "staging"
        case .lastBackupAt: "last_backup_at"
        case .restoredFrom: "restored_from"
        case .verification: "verification"
        case .importedFrom: "imported_from"
        case .domains: "domains"
        case .ownHosts: "own_hosts"
        case .primaryHost: "primary_host"
        case .pinnedUntil: "pinned_until"
        }
    }

    /// For SELECT lists. `source`: the table's alias or a composite value in parentheses.
    static func list(of source: StaticString) -> String { allCases.map { "\(source).\($0.name)" }.joined(separator: ", ") }
    static func columns(of source: StaticString) -> SQL { SQL(unsafe: list(of: source)) }

    /// Those of `stores s`, made once.
    static let listOfS = list(of: "s")
    static let ofS = columns(of: "s")

    /// What follows them in a SELECT list has this place and the next ones.
    static let count = allCases.count
}

extension ProvisioningStep {
    /// When it was completed.
    package var column: StoreColumn {
        switch self {
        case .namespaceCreated: .namespaceCreatedAt
        case .secretsGenerated: .secretsGeneratedAt
        case .databaseReady: .databaseReadyAt
        case .appDeployed: .appDeployedAt
        case .ingressReady: .ingressReadyAt
        }
    }
}
