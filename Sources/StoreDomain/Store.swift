package import struct Foundation.Date

/// A store as PostgreSQL holds it; the API's JSON is made from this and, for the detail, the namespace's snapshot.
package struct Store: Sendable, Equatable {
    package var id: StoreID
    package var name: StoreName
    package var engine: Engine
    package var status: StoreStatus
    package var namespace: StoreNamespace
    package var owner: UserID?
    /// Set when the store became ready.
    package var url: String?
    package var errorMessage: String?
    /// The kind of failure, e.g. `image-pull`; `errorMessage` is its text for people.
    package var failureCause: String?
    /// How the store fares; `nil` unless the store is ready.
    package var health: StoreHealth?
    /// Until a later change is made.
    package var changeError: ChangeError?
    package var engineVersion: String?
    package var createdAt: Date
    package var updatedAt: Date
    /// When somebody asked for what makes it ready, for the last time: its creation, a retry, a restore that makes it anew.
    package var askedAt: Date
    /// When a worker began with that.
    package var provisioningStartedAt: Date?
    package var readyAt: Date?
    package var replicas: Int
    package var podsRunning: Int
    package var podRestarts: Int
    package var steps: [StepRecord]
    package var spec: StoreSpec
    /// The number of the spec, from 1: each change makes a new one.
    package var generation: Int64
    /// The last generation that the cluster had in full; 0 before the store was ready for the first time.
    package var appliedGeneration: Int64
    /// What a job is changing of the ready store now.
    package var activity: StoreActivity?
    /// When it sleeps and wakes of itself; no part of a generation. `nil`: by hand alone.
    package var awakeSchedule: AwakeSchedule?
    /// Until then rollouts leave it alone, unless they are urgent; `nil` where it is not pinned, or without end.
    package var pinnedUntil: Date?
    /// When its newest backup was done.
    package var lastBackupAt: Date?
    /// The backup that it was made of, or is to be filled with before it is ready for the first time.
    package var restoredFrom: BackupID?
    /// The archive, likewise.
    package var importedFrom: ArchiveID?
    /// A hidden one that is made of a backup to see that it can be, and removed afterwards.
    package var isVerification: Bool
    /// What its owner brought along, whether it is served there or not.
    package var domains: [DomainBrief]

    package init(
        id: StoreID,
        name: StoreName,
        engine: Engine,
        status: StoreStatus,
        namespace: StoreNamespace,
        owner: UserID?,
        url: String? = nil,
        errorMessage: String? = nil,
        failureCause: String? = nil,
        health: StoreHealth? = nil,
        changeError: ChangeError? = nil,
        engineVersion: String? = nil,
        createdAt: Date,
        updatedAt: Date,
        askedAt: Date? = nil,
        provisioningStartedAt: Date? = nil,
        readyAt: Date? = nil,
        replicas: Int = 0,
        podsRunning: Int = 0,
        podRestarts: Int = 0,
        steps: [StepRecord] = [],
        spec: StoreSpec = StoreSpec(),
        generation: Int64 = 1,
        appliedGeneration: Int64 = 0,
        activity: StoreActivity? = nil,
        awakeSchedule: AwakeSchedule? = nil,
        pinnedUntil: Date? = nil,
        lastBackupAt: Date? = nil,
        restoredFrom: BackupID? = nil,
        importedFrom: ArchiveID? = nil,
        isVerification: Bool = false,
        domains: [DomainBrief] = []
    ) {
        self.id = id
        self.name = name
        self.engine = engine
        self.status = status
        self.namespace = namespace
        self.owner = owner
        self.url = url
        self.errorMessage = errorMessage
        self.failureCause = failureCause
        self.health = health
        self.changeError = changeError
        self.engineVersion = engineVersion
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.askedAt = askedAt ?? createdAt
        self.provisioningStartedAt = provisioningStartedAt
        self.readyAt = readyAt
        self.replicas = replicas
        self.podsRunning = podsRunning
        self.podRestarts = podRestarts
        self.steps = steps
        self.spec = spec
        self.generation = generation
        self.appliedGeneration = appliedGeneration
        self.activity = activity
        self.awakeSchedule = awakeSchedule
        self.pinnedUntil = pinnedUntil
        self.lastBackupAt = lastBackupAt
        self.restoredFrom = restoredFrom
        self.importedFrom = importedFrom
        self.isVerification = isVerification
        self.domains = domains
    }

    package var adminURL: String? { url.map { $0 + engine.adminPath } }
}

/// How far one provisioning step came. A step that is not recorded has not been reached.
package struct StepRecord: Sendable, Equatable, Codable {
    package var step: ProvisioningStep
    package var completedAt: Date?
    package var error: String?

    package init(step: ProvisioningStep, completedAt: Date? = nil, error: String? = nil) {
        self.step = step
        self.completedAt = completedAt
        self.error = error
    }
}
