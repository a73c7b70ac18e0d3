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
        field("failureCause", store.failureCause)
        field("health", store.health?.state.rawValue)
        field("healthSince", store.health?.since)
        field("healthCause", store.health?.cause)
        field("drift", store.health?.drift?.rawValue)
        field("userId", store.owner?.rawValue)
        field("engineVersion", store.engineVersion ?? "")
        field("replicas", store.replicas)
        field("podsRunning", store.podsRunning)
        field("podRestarts", store.podRestarts)
        steps(of: store)
    }

    /// A single store with everything that is known of it.
    mutating func whole(_ detail: StoreDetail, now: Date) {
        fields(of: detail.store)
        observations(of: detail, now: now)
        field("configYaml", detail.release?.manifest ?? "")
        job(of: detail)
    }

    /// What `/detail` answers, and what stands in a single store beside its fields.
    mutating func observations(of detail: StoreDetail, now: Date) {
        array("resources", (detail.snapshot?.resources ?? []) + (detail.release?.secrets ?? [])) { json, resource in
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
            if let waiting = job.waiting { $0.object("waiting") { $0.fields(of: waiting) } }
        }
    }

    private mutating func fields(of waiting: WaitingReason) {
        switch waiting {
        case .paused(let reason):
            field("reason", "paused")
            field("text", "The queue is paused: \(reason)")
        case .retryAt(let time):
            field("reason", "retry")
            field("at", time)
            field("text", "The last attempt failed; it is tried again at the time given.")
        case .namespaceBusy:
            field("reason", "busy")
            field("text", "Another job is at work on this store.")
        case .noWorker:
            field("reason", "no-worker")
            field("text", "No worker is running.")
        case .queue(let ahead):
            field("reason", "queue")
            field("ahead", ahead)
            field("text", ahead == 1 ? "One job is before it." : "\(ahead) jobs are before it.")
        case .slot:
            field("reason", "slot")
            field("ahead", 0)
            field("text", "It is next: a worker takes it as soon as one is free.")
        }
    }

    mutating func fields(of attempt: AttemptRecord) {
        field("id", Int(attempt.id))
        field("job", Int(attempt.job.rawValue))
        field("kind", attempt.kind.rawValue)
        field("number", attempt.number)
        field("worker", attempt.worker)
        field("startedAt", attempt.startedAt)
        field("endedAt", attempt.endedAt)
        field("outcome", attempt.outcome?.rawValue)
        field("message", attempt.message)
        field("cause", attempt.cause)
    }

    mutating func fields(of line: BuildLine) {
        field("id", Int(line.id))
        field("at", line.at)
        field("attempt", Int(line.attempt))
        field("stage", line.stage?.rawValue)
        field("source", line.source.rawValue)
        field("type", line.kind.rawValue)
        field("text", line.text)
    }

    mutating func fields(of change: HealthChange) {
        field("at", change.at)
        field("from", change.from?.rawValue)
        field("to", change.to?.rawValue)
        field("cause", change.cause)
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
