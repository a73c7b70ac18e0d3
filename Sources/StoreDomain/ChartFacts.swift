/// What a worker says of a chart that it has.
package struct ChartFacts: Sendable, Equatable {
    /// What a plan gives, as Kubernetes' quantities: limits of the app, and of its database.
    package struct Plan: Sendable, Equatable, Codable {
        package var cpu: String
        package var memory: String
        package var databaseMemory: String
        /// Which nightly backups are kept, see `BackupRetention.text`; `nil`: none are taken.
        package var backupKeep: String?
        /// What the pods of a store that serves reserve together; `nil`: the worker is of a version that does not tell.
        package var reserves: ClusterCapacity.Amounts?

        package init(cpu: String, memory: String, databaseMemory: String, reserves: ClusterCapacity.Amounts? = nil) {
            self.cpu = cpu
            self.memory = memory
            self.databaseMemory = databaseMemory
            self.reserves = reserves
        }
    }

    /// The volumes of a new store.
    package struct Storage: Sendable, Equatable, Codable {
        package var database: String
        package var uploads: String

        package init(database: String, uploads: String) {
            self.database = database
            self.uploads = uploads
        }
    }

    package var engine: Engine
    package var version: ChartVersion
    /// Of the engine in it, e.g. `11.2.0`.
    package var appVersion: String
    /// Whether new stores are installed with it.
    package var isCurrent: Bool
    /// Of a new store whose owner names none.
    package var defaultPlan: StorePlan
    package var plans: [StorePlan: Plan]
    package var storage: Storage

    package init(
        engine: Engine,
        version: ChartVersion,
        appVersion: String,
        isCurrent: Bool,
        defaultPlan: StorePlan,
        plans: [StorePlan: Plan],
        storage: Storage
    ) {
        self.engine = engine
        self.version = version
        self.appVersion = appVersion
        self.isCurrent = isCurrent
        self.defaultPlan = defaultPlan
        self.plans = plans
        self.storage = storage
    }

    /// With what the installation keeps of stores of each plan; `nil`: it keeps no backups.
    package func keeping(_ retention: PlanRetention?) -> ChartFacts {
        var facts = self
        for plan in plans.keys { facts.plans[plan]?.backupKeep = retention?[plan].text }
        return facts
    }
}

extension [ChartFacts] {
    /// Of each engine, what new stores are installed with; `self` has the newest versions first.
    package var forNewStores: [ChartFacts] {
        Engine.allCases.compactMap { engine in
            let versions = filter { $0.engine == engine }
            return versions.first(where: \.isCurrent) ?? versions.first
        }
    }
}
