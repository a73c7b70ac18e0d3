import Foundation
import StoreDomain
import StoreRecords

/// Stores as clients know them, to the field.
extension JSONWriter {
    mutating func fields(of store: Store) {
        field("id", store.id.rawValue)
        field("name", store.name.rawValue)
        field("engine", store.engine.rawValue)
        field("status", store.status.rawValue)
        field("url", store.url)
        field("adminUrl", store.adminURL)
        field("createdAt", store.createdAt)
        field("updatedAt", store.updatedAt)
        field("provisioningStartedAt", store.provisioningStartedAt)
        field("readyAt", store.readyAt)
        field("namespace", store.namespace.rawValue)
        field("errorMessage", store.errorMessage)
        field("userId", store.owner?.rawValue)
        field("engineVersion", store.engineVersion ?? "")
        field("replicas", store.replicas)
        field("podsRunning", store.podsRunning)
        field("podRestarts", store.podRestarts)
        steps(of: store)
    }

    /// What `/detail` answers, and what stands in a single store beside its fields.
    mutating func observations(of detail: StoreDetail, now: Date) {
        array("resources", detail.snapshot?.resources ?? []) { json, resource in
            json.object {
                $0.field("kind", resource.kind)
                $0.field("name", resource.name)
                $0.field("status", resource.status.rawValue)
                if let replicas = resource.replicas { $0.field("replicas", replicas) }
                $0.field("age", Self.age(since: resource.createdAt, now: now))
            }
        }
        let events = ((detail.snapshot?.events ?? []) + detail.events).sorted { $0.timestamp < $1.timestamp }
        array("events", events) { json, event in
            json.object {
                $0.field("timestamp", event.timestamp)
                $0.field("message", event.message)
                $0.field("type", event.kind.rawValue)
            }
        }
        let quotas = detail.snapshot?.quotas ?? QuotaUsage()
        object("quotas") {
            $0.field("cpuUsed", quotas.cpuUsed)
            $0.field("cpuLimit", quotas.cpuLimit)
            $0.field("memUsed", quotas.memUsed)
            $0.field("memLimit", quotas.memLimit)
            $0.field("pvcUsed", quotas.pvcUsed)
            $0.field("pvcLimit", quotas.pvcLimit)
        }
    }

    mutating func job(of detail: StoreDetail) {
        guard let job = detail.job else { return }
        object("job") {
            $0.field("id", Int(job.id.rawValue))
            $0.field("kind", job.kind.rawValue)
            $0.field("state", job.state.rawValue)
            $0.field("attempt", job.attempt)
            $0.field("error", job.error)
        }
    }

    mutating func steps(of store: Store) {
        array("provisioningSteps", ProvisioningStep.allCases) { json, step in
            let record = store.steps.first { $0.step == step }
            json.object {
                $0.field("label", step.label)
                $0.field("completed", record?.completedAt != nil)
                if let completedAt = record?.completedAt { $0.field("completedAt", completedAt) }
                if let error = record?.error { $0.field("error", error) }
            }
        }
    }

    /// `42s`, `5m`, `3h`, `2d`.
    static func age(since date: Date, now: Date) -> String {
        let seconds = max(0, Int(now.timeIntervalSince(date)))
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3_600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3_600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}
