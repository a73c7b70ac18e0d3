package import StoreDomain

/// What is to be different of a store's spec; what is `nil` or false stays. One request is one generation.
package struct StoreChange: Sendable, Equatable {
    package var name: StoreName?
    package var plan: StorePlan?
    package var version: ChartVersion?
    package var database: VolumeSize?
    package var uploads: VolumeSize?
    package var isAsleep: Bool?
    /// The administrator gets a new password.
    package var renewsPassword: Bool
    /// The chart's values are made anew from the worker's files and settings, also where the version stays.
    package var readsFiles: Bool
    /// Needs no generation and no job, but comes with what else is asked for, or not at all.
    package var schedule: ScheduleSetting?

    package init(
        name: StoreName? = nil,
        plan: StorePlan? = nil,
        version: ChartVersion? = nil,
        database: VolumeSize? = nil,
        uploads: VolumeSize? = nil,
        isAsleep: Bool? = nil,
        renewsPassword: Bool = false,
        readsFiles: Bool = false,
        schedule: ScheduleSetting? = nil
    ) {
        self.name = name
        self.plan = plan
        self.version = version
        self.database = database
        self.uploads = uploads
        self.isAsleep = isAsleep
        self.renewsPassword = renewsPassword
        self.readsFiles = readsFiles
        self.schedule = schedule
    }

    /// What is asked for, e.g. `plan large, uploads 2Gi`; `nil` where nothing is.
    var summary: String? {
        let parts = [
            name.map { "name \($0.rawValue)" },
            plan.map { "plan \($0.rawValue)" },
            version.map { "version \($0)" },
            database.map { "database \($0)" },
            uploads.map { "uploads \($0)" },
            isAsleep.map { $0 ? "asleep" : "awake" },
            schedule.map { $0.schedule.map { "awake \($0)" } ?? "no schedule" },
            renewsPassword ? "new password" : nil,
        ]
        let told = parts.compactMap { $0 }
        return told.isEmpty ? nil : told.joined(separator: ", ")
    }
}

/// What becomes of a store's schedule.
package enum ScheduleSetting: Sendable, Equatable {
    case set(AwakeSchedule)
    /// It sleeps and wakes by hand alone.
    case clear

    var schedule: AwakeSchedule? {
        switch self {
        case .set(let schedule): schedule
        case .clear: nil
        }
    }
}

/// Who asks for a change, and on what condition.
package struct ChangeRequest: Sendable {
    package var store: StoreID
    package var change: StoreChange
    /// What the generation has to be; `nil`: whatever it is.
    package var generation: Int64?
    /// Whose the store has to be; `nil`: anybody's.
    package var visibleTo: StoreAccess?
    /// Of the owner, for a role's quota of units.
    package var role: Role
    package var jobClass: JobClass
    package var traceparent: String?

    package init(
        _ store: StoreID,
        _ change: StoreChange,
        generation: Int64? = nil,
        visibleTo: StoreAccess? = nil,
        role: Role = .user,
        jobClass: JobClass = .interactive,
        traceparent: String? = nil
    ) {
        self.store = store
        self.change = change
        self.generation = generation
        self.visibleTo = visibleTo
        self.role = role
        self.jobClass = jobClass
        self.traceparent = traceparent
    }
}

package enum ChangeOutcome: Sendable {
    case accepted(Store, JobDescriptor)
    /// The store is as it was asked to be.
    case unchanged(Store)
    /// It has another schedule, and is for the rest as it was asked to be.
    case scheduled(Store)
    /// The generation is another one.
    case stale(Store)
    /// It is being made or deleted, or what it lacks has to be made good first.
    case notReady(Store)
    /// A volume would have to shrink: `storage.database` or `storage.uploads`.
    case smaller(Store, field: String)
    case unitLimitReached(used: Int, limit: Int)
    /// No worker has this version of the store's chart.
    case noVersion(Store)
    /// The version was tried, and the store went back to what it was.
    case blocked(Store)
    case notFound
}

extension Store {
    /// Why the store cannot be changed now where the outcome is `notReady`, and what can be done.
    package var changeRefusal: String {
        switch status {
        case .provisioning: "The store is being made: change it once it is ready"
        case .deleting: "The store is being deleted"
        case .failed:
            "The store has failed: until a retry has made it ready, only its name, plan and version can be changed, and nothing after a failed deletion, restore or upgrade"
        case .ready where activity == .upgrading: "The store is being upgraded: change it afterwards"
        case .ready where activity == .renewingPassword: "A new password is on its way: change the store afterwards"
        case .ready where activity == .restoring: "The store is being restored: change it afterwards"
        case .ready: "Something of the store was removed outside Store Weaver: retry it first"
        }
    }
}
