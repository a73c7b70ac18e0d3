import Foundation
import StoreDomain
import StoreRecords

/// What the JSON of a store is made from: a `Store`, or a row where it lies in PostgreSQL's answer.
protocol StoreFields {
    associatedtype Text: JSONText
    /// Why a row cannot be read.
    associatedtype Failure: Error

    var engine: Engine { get }
    var failedStep: ProvisioningStep? { get }
    var domains: [DomainBrief] { get throws(Failure) }

    func text(_ column: StoreColumn) -> Text?
    func number(_ column: StoreColumn) throws(Failure) -> Int
    func flag(_ column: StoreColumn) throws(Failure) -> Bool
    /// In microseconds since 1970.
    func instant(_ column: StoreColumn) throws(Failure) -> Int?
}

extension StoreRowView: StoreFields {
    func text(_ column: StoreColumn) -> UnsafeBufferPointer<UInt8>? { bytes(column) }
}

extension Store: StoreFields {
    var failedStep: ProvisioningStep? { steps.first { $0.error != nil }?.step }

    func text(_ column: StoreColumn) -> String? {
        switch column {
        case .id: id.rawValue
        case .name: name.rawValue
        case .engine: engine.rawValue
        case .status: status.rawValue
        case .url: url
        case .namespace: namespace.rawValue
        case .errorMessage: errorMessage
        case .failureCause: failureCause
        case .health: health?.state.rawValue
        case .healthCause: health?.cause
        case .drift: health?.drift?.rawValue
        case .changeErrorCode: changeError?.failure.code
        case .changeError: changeError?.failure.message
        case .owner: owner?.rawValue
        case .engineVersion: engineVersion
        case .failedStepError: steps.first { $0.error != nil }?.error
        case .activity: activity?.rawValue
        case .plan: spec.plan.rawValue
        case .version: spec.version?.rawValue
        case .restoredFrom: restoredFrom?.rawValue
        case .importedFrom: importedFrom?.rawValue
        default: nil
        }
    }

    func number(_ column: StoreColumn) -> Int {
        switch column {
        case .replicas: replicas
        case .podsRunning: podsRunning
        case .podRestarts: podRestarts
        case .adminRevision: spec.adminRevision
        case .generation: Int(generation)
        case .appliedGeneration: Int(appliedGeneration)
        default: 0
        }
    }

    func flag(_ column: StoreColumn) -> Bool {
        switch column {
        case .asleep: spec.isAsleep
        case .pinned: spec.isPinned
        case .staging: spec.isStaging
        default: false
        }
    }

    func instant(_ column: StoreColumn) -> Int? {
        switch column {
        case .createdAt: createdAt.microseconds
        case .updatedAt: updatedAt.microseconds
        case .askedAt: askedAt.microseconds
        case .provisioningStartedAt: provisioningStartedAt?.microseconds
        case .readyAt: readyAt?.microseconds
        case .healthSince: health?.since.microseconds
        case .changeErrorAt: changeError?.at.microseconds
        case .lastBackupAt: lastBackupAt?.microseconds
        default: steps.first { $0.step.column == column }?.completedAt?.microseconds
        }
    }
}

/// Stores as clients know them, to the field.
extension JSONWriter {
    mutating func fields<Fields: StoreFields>(of store: Fields) throws(Fields.Failure) {
        field("id", store.text(.id))
        field("name", store.text(.name))
        field("engine", store.text(.engine))
        field("status", store.text(.status))
        let url = store.text(.url)
        field("url", url)
        field("adminUrl", url, followedBy: store.engine.adminPath)
        field("createdAt", microseconds: try store.instant(.createdAt))
        field("updatedAt", microseconds: try store.instant(.updatedAt))
        field("askedAt", microseconds: try store.instant(.askedAt))
        field("provisioningStartedAt", microseconds: try store.instant(.provisioningStartedAt))
        field("readyAt", microseconds: try store.instant(.readyAt))
        field("namespace", store.text(.namespace))
        field("errorMessage", store.text(.errorMessage))
        field("failureCause", store.text(.failureCause))
        field("health", store.text(.health))
        field("healthSince", microseconds: try store.instant(.healthSince))
        field("healthCause", store.text(.healthCause))
        field("drift", store.text(.drift))
        try changeError(of: store)
        field("generation", try store.number(.generation))
        field("appliedGeneration", try store.number(.appliedGeneration))
        field("activity", store.text(.activity))
        field("asleep", try store.flag(.asleep))
        field("plan", store.text(.plan))
        field("version", store.text(.version))
        try array("domains", store.domains) { json, domain throws(Fields.Failure) in
            json.object {
                $0.field("host", domain.host.rawValue)
                $0.field("state", domain.state.rawValue)
                $0.field("primary", domain.isPrimary)
            }
        }
        field("lastBackupAt", microseconds: try store.instant(.lastBackupAt))
        field("restoredFrom", store.text(.restoredFrom))
        field("staging", try store.flag(.staging))
        field("userId", store.text(.owner))
        if let version = store.text(.engineVersion) { field("engineVersion", version) } else { field("engineVersion", "") }
        field("replicas", try store.number(.replicas))
        field("podsRunning", try store.number(.podsRunning))
        field("podRestarts", try store.number(.podRestarts))
        try steps(of: store)
    }

    private mutating func changeError<Fields: StoreFields>(of store: Fields) throws(Fields.Failure) {
        guard let code = store.text(.changeErrorCode) else { return field("changeError", String?.none) }
        let at = try store.instant(.changeErrorAt)
        object("changeError") { json in
            json.field("code", code)
            json.field("message", store.text(.changeError))
            json.field("at", microseconds: at)
        }
    }

    mutating func steps<Fields: StoreFields>(of store: Fields) throws(Fields.Failure) {
        let failed = store.failedStep
        try array("provisioningSteps", ProvisioningStep.allCases) { json, step throws(Fields.Failure) in
            let completedAt = try store.instant(step.column)
            json.object { json in
                json.field("label", step.label)
                json.field("completed", completedAt != nil)
                if let completedAt { json.field("completedAt", microseconds: completedAt) }
                if failed == step {
                    if let error = store.text(.failedStepError) { json.field("error", error) } else { json.field("error", "failed") }
                }
            }
        }
    }

    /// A single store with everything that is known of it.
    mutating func whole(_ detail: StoreDetail, now: Date) {
        fields(of: detail.store)
        spec(of: detail.store)
        observations(of: detail, now: now)
        field("configYaml", detail.release?.manifest ?? "")
        job(of: detail)
    }

    /// What the store is to be in full; also what is not known yet, as null.
    mutating func spec(of store: Store) {
        object("spec") { json in
            json.field("name", store.name.rawValue)
            json.field("plan", store.spec.plan.rawValue)
            json.field("version", store.spec.version?.rawValue)
            json.field("pinned", store.spec.isPinned)
            json.field("pinnedUntil", store.pinnedUntil)
            json.field("asleep", store.spec.isAsleep)
            json.field("awakeSchedule", store.awakeSchedule?.description)
            json.object("storage") {
                $0.field("database", store.spec.database?.description)
                $0.field("uploads", store.spec.uploads?.description)
                $0.field("class", store.spec.storageClass)
            }
            json.field("host", store.spec.host)
        }
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
        array("volumes", detail.snapshot?.volumes ?? []) { json, volume in
            json.object {
                $0.field("name", volume.name.rawValue)
                $0.field("usedBytes", Int(volume.used))
                $0.field("sizeBytes", Int(volume.size))
            }
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

    mutating func fields(of waiting: WaitingReason) {
        switch waiting {
        case .paused(let reason):
            field("reason", "paused")
            field("text", "The queue is paused: \(reason)")
        case .retryAt(let time):
            field("reason", "retry")
            field("at", time)
            field("text", "The last attempt failed. Next attempt at the time shown.")
        case .namespaceBusy:
            field("reason", "busy")
            field("text", "Another job is at work on this store.")
        case .noWorker:
            field("reason", "no-worker")
            field("text", "No worker is running.")
        case .queue(let ahead, let seconds):
            field("reason", "queue")
            field("ahead", ahead)
            field("seconds", seconds)
            field("text", ahead == 1 ? "One job is before it." : "\(ahead) jobs are before it.")
        case .slot:
            field("reason", "slot")
            field("ahead", 0)
            field("text", "Next in line, waiting for a free worker.")
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
