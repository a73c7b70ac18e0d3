import StoreDomain
import StoreRecords

extension Table<OperatedJob> {
    static var jobs: Self {
        Table(columns: [
            .init("id", "JOB") { .number(Int($0.id.rawValue)) }, .init("kind", "KIND") { .text($0.kind.rawValue) },
            .init("class", "CLASS") { .text($0.jobClass.name) },
            .init("state", "STATE") { .text($0.state.rawValue) }, .init("storeId", "STORE") { .text($0.store.rawValue) },
            .init("storeName") { .text($0.storeName) }, .init("namespace", "NAMESPACE") { .text($0.namespace.rawValue) },
            .init("user", "USER") { Value($0.user) }, .init("attempt", "ATTEMPT") { .number($0.attempt) },
            .init("maxAttempts") { .number($0.maxAttempts) }, .init("reclaims") { .number($0.reclaims) },
            .init("runAfter") { .time($0.runAfter) }, .init("cancelRequestedAt") { Value($0.cancelRequestedAt) },
            .init("worker", "WORKER") { Value($0.worker) }, .init("fence") { Value($0.fence.map { Int($0) }) },
            .init("traceparent") { Value($0.traceparent) }, .init("createdAt", "CREATED") { .time($0.createdAt) },
            .init("startedAt") { Value($0.startedAt) }, .init("finishedAt") { Value($0.finishedAt) },
            .init("error", "ERROR") { Value($0.error) },
        ])
    }
}

extension Table<JobChange> {
    static var changes: Self {
        Table(columns: [
            .init("at", "AT") { .time($0.at) }, .init("from", "FROM") { Value($0.from?.rawValue) },
            .init("to", "TO") { .text($0.to.rawValue) }, .init("worker", "WORKER") { Value($0.worker) },
            .init("fence", "FENCE") { Value($0.fence.map { Int($0) }) }, .init("attempt", "ATTEMPT") { .number($0.attempt) },
            .init("reclaims", "RECLAIMS") { .number($0.reclaims) }, .init("error", "ERROR") { Value($0.error) },
        ])
    }
}

extension Table<HeldNamespace> {
    static var locks: Self {
        Table(columns: [
            .init("namespace", "NAMESPACE") { .text($0.namespace.rawValue) },
            .init("job", "JOB") { Value($0.job.map { Int($0.rawValue) }) }, .init("worker", "WORKER") { Value($0.worker) },
            .init("fence", "FENCE") { .number(Int($0.fence)) }, .init("expiresAt", "EXPIRES") { .time($0.expiresAt) },
            .init("overdue", "OVERDUE") { .flag($0.isOverdue) },
        ])
    }
}

extension Table<ReportedWorker> {
    static var workers: Self {
        Table(columns: [
            .init("worker", "WORKER") { .text($0.report.worker) }, .init("version", "HELM") { .text($0.report.version) },
            .init("slots", "SLOTS") { .number($0.report.slots) }, .init("busy", "BUSY") { .number($0.report.busy) },
            .init("interactiveLimit") { Value($0.report.limits?.interactive) },
            .init("backgroundLimit") { Value($0.report.limits?.background) },
            .init("kubernetes", "KUBERNETES") { .flag($0.report.kubernetes) }, .init("helm") { .flag($0.report.helm) },
            .init("draining", "DRAINING") { .flag($0.isDraining) }, .init("reportedAt", "REPORTED") { .time($0.reportedAt) },
            .init("keepsBackups", "BACKUPS") { .flag($0.report.keepsBackups) },
        ])
    }
}

extension Table<Store> {
    static var stores: Self { stores(isWide: false) }
    static var wideStores: Self { stores(isWide: true) }

    private static func stores(isWide: Bool) -> Self {
        func wide(_ title: String) -> String? { isWide ? title : nil }
        return Table(columns: [
            .init("id", "STORE") { .text($0.id.rawValue) }, .init("name", "NAME") { .text($0.name.rawValue) },
            .init("engine", "ENGINE") { .text($0.engine.rawValue) }, .init("status", "STATUS") { .text($0.status.rawValue) },
            .init("health", "HEALTH") { Value($0.health?.state.rawValue) },
            .init("plan", wide("PLAN")) { .text($0.spec.plan.rawValue) },
            .init("version", wide("VERSION")) { Value($0.spec.version?.rawValue) },
            .init("generation", wide("GENERATION")) { .number(Int($0.generation)) },
            .init("appliedGeneration", wide("APPLIED")) { .number(Int($0.appliedGeneration)) },
            .init("asleep", wide("ASLEEP")) { .flag($0.spec.isAsleep) },
            .init("activity", wide("ACTIVITY")) { Value($0.activity?.rawValue) },
            .init("database") { Value($0.spec.database?.description) }, .init("uploads") { Value($0.spec.uploads?.description) },
            .init("storageClass") { Value($0.spec.storageClass) }, .init("host") { Value($0.spec.host) },
            .init("namespace", "NAMESPACE") { .text($0.namespace.rawValue) },
            .init("owner", "OWNER") { Value($0.owner?.rawValue) }, .init("url") { Value($0.url) },
            .init("engineVersion") { Value($0.engineVersion) }, .init("replicas") { .number($0.replicas) },
            .init("podsRunning") { .number($0.podsRunning) }, .init("podRestarts") { .number($0.podRestarts) },
            .init("createdAt", "CREATED") { .time($0.createdAt) }, .init("readyAt") { Value($0.readyAt) },
            .init("failureCause") { Value($0.failureCause) }, .init("error", "ERROR") { Value($0.errorMessage) },
            .init("healthCause") { Value($0.health?.cause) }, .init("changeErrorCode") { Value($0.changeError?.failure.code) },
            .init("changeError", "CHANGE NOT MADE") { Value($0.changeError?.failure.message) },
            .init("pinnedUntil") { Value($0.pinnedUntil) },
            .init("lastBackupAt", wide("LAST BACKUP")) { Value($0.lastBackupAt) },
            .init("restoredFrom") { Value($0.restoredFrom?.rawValue) }, .init("staging") { .flag($0.spec.isStaging) },
        ])
    }
}

extension Table<Backup> {
    static var backups: Self {
        Table(columns: [
            .init("id", "BACKUP") { .text($0.id.rawValue) }, .init("kind", "KIND") { .text($0.kind.rawValue) },
            .init("status", "STATUS") { .text($0.status.rawValue) }, .init("createdAt", "CREATED") { .time($0.createdAt) },
            .init("finishedAt") { Value($0.finishedAt) },
            .init("databaseBytes", "DATABASE") { Value($0.contents.map { Int($0.databaseBytes) }) },
            .init("fileBytes", "FILES") { Value($0.contents.map { Int($0.fileBytes) }) },
            .init("addedBytes", "ADDED") { Value($0.contents.map { Int($0.addedBytes) }) },
            .init("products", "PRODUCTS") { Value($0.contents?.products) }, .init("orders", "ORDERS") { Value($0.contents?.orders) },
            .init("verifiedAt", "VERIFIED") { Value($0.verifiedAt) }, .init("verifyError") { Value($0.verifyError) },
            .init("untested") { Value($0.untested) },
            .init("engineVersion") { Value($0.engineVersion) },
            .init("version", "VERSION") { Value($0.chartVersion?.rawValue) },
            .init("snapshot") { Value($0.contents?.snapshot) }, .init("files") { Value($0.contents?.files) },
            .init("errorCode") { Value($0.failure?.code) }, .init("error", "ERROR") { Value($0.failure?.message) },
        ])
    }
}

extension Table<Export> {
    static var exports: Self {
        Table(columns: [
            .init("id", "EXPORT") { .text($0.id.rawValue) }, .init("backup", "BACKUP") { .text($0.backup.rawValue) },
            .init("status", "STATUS") { .text($0.status.rawValue) }, .init("createdAt", "CREATED") { .time($0.createdAt) },
            .init("finishedAt") { Value($0.finishedAt) }, .init("expiresAt", "EXPIRES") { .time($0.expiresAt) },
            .init("size", "SIZE") { Value($0.contents.map { Int($0.bytes) }) }, .init("sha256") { Value($0.contents?.sha256) },
            .init("errorCode") { Value($0.failure?.code) }, .init("error", "ERROR") { Value($0.failure?.message) },
        ])
    }
}

extension Table<Import> {
    static var imports: Self {
        Table(columns: [
            .init("id", "IMPORT") { .text($0.id.rawValue) }, .init("owner", "OWNER") { Value($0.owner?.rawValue) },
            .init("engine", "ENGINE") { .text($0.manifest.engine.rawValue) }, .init("size", "SIZE") { .number(Int($0.bytes)) },
            .init("products", "PRODUCTS") { .number($0.manifest.products) }, .init("orders", "ORDERS") { .number($0.manifest.orders) },
            .init("createdAt", "SENT") { .time($0.createdAt) }, .init("expiresAt", "EXPIRES") { .time($0.expiresAt) },
        ])
    }
}

extension Table<DeletedStore> {
    static var deletedStores: Self {
        Table(columns: [
            .init("id", "STORE") { .text($0.id.rawValue) }, .init("name", "NAME") { .text($0.name.rawValue) },
            .init("engine", "ENGINE") { .text($0.engine.rawValue) }, .init("plan") { .text($0.plan.rawValue) },
            .init("owner", "OWNER") { Value($0.owner?.rawValue) }, .init("namespace", "NAMESPACE") { .text($0.namespace.rawValue) },
            .init("deletedAt", "DELETED") { .time($0.deletedAt) }, .init("keptUntil", "KEPT UNTIL") { .time($0.keptUntil) },
            .init("backup", "BACKUP") { .text($0.backup.id.rawValue) }, .init("takenAt") { .time($0.backup.createdAt) },
        ])
    }
}

extension Table<AttemptRecord> {
    static var attempts: Self {
        Table(columns: [
            .init("attempt", "ATTEMPT") { .number(Int($0.id)) }, .init("job", "JOB") { .number(Int($0.job.rawValue)) },
            .init("kind", "KIND") { .text($0.kind.rawValue) }, .init("number", "NUMBER") { .number($0.number) },
            .init("worker", "WORKER") { Value($0.worker) }, .init("startedAt", "STARTED") { .time($0.startedAt) },
            .init("endedAt", "ENDED") { Value($0.endedAt) }, .init("outcome", "OUTCOME") { Value($0.outcome?.rawValue) },
            .init("cause", "CAUSE") { Value($0.cause) }, .init("message", "MESSAGE") { Value($0.message) },
        ])
    }
}

extension Table<BuildLine> {
    static var buildLog: Self {
        Table(columns: [
            .init("id") { .number(Int($0.id)) }, .init("at", "AT") { .time($0.at) },
            .init("attempt", "ATTEMPT") { .number(Int($0.attempt)) }, .init("stage", "STAGE") { Value($0.stage?.rawValue) },
            .init("source", "SOURCE") { .text($0.source.rawValue) }, .init("kind", "KIND") { .text($0.kind.rawValue) },
            .init("text", "TEXT") { .text($0.text) },
        ])
    }
}

extension Table<Orphan> {
    static var orphans: Self {
        Table(columns: [
            .init("kind", "KIND") { .text($0.kind.rawValue) }, .init("name", "NAME") { .text($0.name) },
            .init("firstSeen", "FIRST SEEN") { .time($0.firstSeen) }, .init("detail", "DETAIL") { .text($0.detail) },
        ])
    }
}

extension Table<AuditEntry> {
    static var audit: Self {
        Table(columns: [
            .init("id") { .number(Int($0.id)) }, .init("at", "AT") { .time($0.at) }, .init("actor", "WHO") { .text($0.actor) },
            .init("source", "BY") { .text($0.source) }, .init("action", "ACTION") { .text($0.action) },
            .init("target", "TARGET") { Value($0.target) }, .init("detail", "DETAIL") { Value($0.detail) },
            .init("address", "FROM") { Value($0.address) }, .init("outcome", "OUTCOME") { .text($0.outcome.rawValue) },
        ])
    }
}
