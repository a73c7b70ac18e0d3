/// What a store is to be, beside its name. `nil`: not known before a worker looks at the store for the first time.
package struct StoreSpec: Sendable, Equatable {
    package var plan: StorePlan
    /// The chart's.
    package var version: ChartVersion?
    package var isPinned: Bool
    package var isAsleep: Bool
    package var database: VolumeSize?
    package var uploads: VolumeSize?
    /// Empty: what was the cluster's default when the volumes were made.
    package var storageClass: String?
    package var host: String?
    /// How often a new password of the store's administrator was asked for.
    package var adminRevision: Int
    /// A copy to try things on: it sends no mail, takes no payments and is not to be found by search engines. It stays that for life.
    package var isStaging: Bool
    /// Where it is served beside `host`.
    package var ownHosts: OwnHosts

    package init(
        plan: StorePlan = .small,
        version: ChartVersion? = nil,
        isPinned: Bool = false,
        isAsleep: Bool = false,
        database: VolumeSize? = nil,
        uploads: VolumeSize? = nil,
        storageClass: String? = nil,
        host: String? = nil,
        adminRevision: Int = 0,
        isStaging: Bool = false,
        ownHosts: OwnHosts = .none
    ) {
        self.plan = plan
        self.version = version
        self.isPinned = isPinned
        self.isAsleep = isAsleep
        self.database = database
        self.uploads = uploads
        self.storageClass = storageClass
        self.host = host
        self.adminRevision = adminRevision
        self.isStaging = isStaging
        self.ownHosts = ownHosts
    }
}

extension StoreSpec {
    package var desiredState: DesiredState { isAsleep ? .asleep : .running }
}

/// A generation that the cluster had in full.
package struct AppliedSpec: Sendable, Equatable {
    package var name: StoreName
    package var spec: StoreSpec
    /// The chart's values as a JSON object; `nil` where the store was made before they were recorded.
    package var values: String?

    package init(name: StoreName, spec: StoreSpec, values: String?) {
        self.name = name
        self.spec = spec
        self.values = values
    }
}

/// What earlier attempts left for one that makes a generation true: the values of the chart, and how far it is.
package struct KnownValues: Sendable, Equatable {
    /// Of the generation that is wanted, as an earlier attempt recorded them: a JSON object.
    package var recorded: String?
    /// Whether they are to be made anew from the worker's files and settings, not from those that were applied last.
    package var readsFiles: Bool
    /// What the store was applied as last; `nil` until it was ready for the first time.
    package var applied: AppliedSpec?
    /// Why an earlier attempt at the same generation gave up: the store is to get back what it had. `nil`: none did.
    package var failure: ChangeFailure?

    package init(recorded: String? = nil, readsFiles: Bool = false, applied: AppliedSpec? = nil, failure: ChangeFailure? = nil) {
        self.recorded = recorded
        self.readsFiles = readsFiles
        self.applied = applied
        self.failure = failure
    }
}

extension KnownValues {
    /// Whether what is wanted may change the store's data by another version of its chart or its image.
    package func changesVersion(to spec: StoreSpec) -> Bool {
        guard let applied else { return false }
        return readsFiles || (spec.version != nil && spec.version != applied.spec.version)
    }
}

/// What a job is changing of a store that is ready.
package enum StoreActivity: String, Sendable, CaseIterable {
    case resizing
    case upgrading
    case renaming
    case fallingAsleep = "falling-asleep"
    case waking
    case restoring
    case backingUp = "backing-up"
    case renewingPassword = "renewing-password"
}
