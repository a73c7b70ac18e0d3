package enum RolloutState: String, Sendable, CaseIterable {
    /// No store was begun yet.
    case planned
    case running
    /// By an operator.
    case paused
    /// More stores went wrong than may: an operator decides.
    case halted
    case done
    case cancelled

    package var isOver: Bool { self == .done || self == .cancelled }
}

/// How far a store of a rollout is.
package enum RolloutMemberState: String, Sendable, CaseIterable {
    case waiting
    case running
    /// It has the new version and is watched.
    case soaking
    case done
    /// The upgrade was taken back: it serves as before.
    case kept
    case failed
    /// Nothing was done to it, or somebody else took it over.
    case skipped
}

/// What becomes of a store that sleeps.
package enum SleepingPolicy: String, Sendable, CaseIterable {
    /// It gets the version and sleeps on.
    case upgrade
    case skip
}

/// Which stores of an engine are to get a version, and how fast.
package struct RolloutOrder: Sendable, Equatable {
    package static let batches = 1...1_000
    package static let failures = 0...1_000_000
    /// Up to a week.
    package static let soaks = 0...604_800
    package static let mostCanaries = 100
    /// Of the characters of a reason.
    package static let longestReason = 500

    package var engine: Engine
    package var version: ChartVersion
    package var waves: RolloutWaves
    /// Begin before the first wave.
    package var canaries: [StoreID]
    /// How many stores run at once.
    package var batch: Int
    /// How many may fail or be kept before it halts.
    package var maxFailures: Int
    /// For how many seconds an upgraded store is watched before it counts as done.
    package var soakSeconds: Int
    package var respectsWindows: Bool
    /// Neither pins nor windows hold it up.
    package var isUrgent: Bool
    package var sleeping: SleepingPolicy
    package var reason: String?

    package init(
        engine: Engine,
        version: ChartVersion,
        waves: RolloutWaves = .standard,
        canaries: [StoreID] = [],
        batch: Int = 5,
        maxFailures: Int = 2,
        soakSeconds: Int = 1_800,
        respectsWindows: Bool = true,
        isUrgent: Bool = false,
        sleeping: SleepingPolicy = .upgrade,
        reason: String? = nil
    ) {
        self.engine = engine
        self.version = version
        self.waves = waves
        self.canaries = canaries
        self.batch = batch
        self.maxFailures = maxFailures
        self.soakSeconds = soakSeconds
        self.respectsWindows = respectsWindows
        self.isUrgent = isUrgent
        self.sleeping = sleeping
        self.reason = reason
    }
}
