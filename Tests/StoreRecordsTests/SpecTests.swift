import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Generations of a store's spec, from what a person asks for to what the cluster has.
@Suite struct SpecTests {
    private static let url = "http://acme.localhost"
    private static let ready = AttemptOutcome.ready(url: url, engineVersion: "WooCommerce 11.2.0")
    private static let kept = AttemptOutcome.ready(
        url: url,
        engineVersion: nil,
        change: ChangeFailure(code: "volume-cannot-grow", message: "The storage class cannot make volumes larger.")
    )

    /// A store that became ready, with what its first attempt found.
    private func readyStore(_ records: StoreRecords, _ name: String = "Acme", owner: String? = "ada") async throws -> Store {
        let (store, descriptor) = try await records.accepted(name, owner: owner)
        let claim = try await records.claimed(descriptor)
        try await records.resolve(Self.found, values: #"{"plan": "small"}"#, under: claim)
        _ = try await records.settle(claim, as: Self.ready)
        return try #require(try await records.store(store.id, visibleTo: nil))
    }

    private static var found: StoreSpec {
        StoreSpec(
            version: ChartVersion("1.1.0"),
            database: VolumeSize("5Gi"),
            uploads: VolumeSize("6Gi"),
            storageClass: "",
            host: "acme.localhost"
        )
    }

    private func changed(_ records: StoreRecords, _ store: Store, _ change: StoreChange, generation: Int64? = nil) async throws
        -> (store: Store, job: JobDescriptor)
    {
        let request = ChangeRequest(store.id, change, generation: generation)
        guard case .accepted(let store, let job) = try await records.change(request, limits: roomy, by: tester) else {
            throw TestSupportError(message: "the change was not accepted")
        }
        return (store, job)
    }

    @Test("what the first attempt finds becomes the store's own, and its first generation is applied") func first() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            #expect(store.spec == Self.found && store.generation == 1 && store.appliedGeneration == 1 && store.activity == nil)
        }
    }

    @Test("a new store has its host in its first generation, by the suffix that a worker told last") func host() async throws {
        try await withRecords { (records, pool) async throws in
            func tell(_ worker: String, _ suffix: String?) async throws {
                let report = WorkerReport(
                    worker: worker,
                    version: "v4",
                    slots: 1,
                    busy: 0,
                    kubernetes: true,
                    helm: true,
                    hostSuffix: suffix
                )
                try await records.report(report, charts: [])
            }
            func recorded(_ store: Store) async throws -> String? {
                try await pool.query("SELECT host FROM store_specs WHERE store_id = \(store.id.rawValue) AND generation = 1").first?["host"]
            }
            // Before any worker was there its first attempt chooses.
            #expect(try await records.accepted("Early").0.spec.host == nil)
            try await tell("w1", ".stores.test")
            try await tell("w2", nil)
            let (store, job) = try await records.accepted("Acme")
            #expect(store.spec.host == "acme.stores.test")
            #expect(try await recorded(store) == "acme.stores.test")
            // Decided alone: its namespace is taken.
            let (second, _) = try await records.accepted("Acme", owner: "eve")
            #expect(second.spec.host == "acme-\(second.id.rawValue.prefix(6)).stores.test")
            // Another suffix changes no store that is accepted already, unless it moves.
            try await tell("w1", ".example.org")
            let claim = try await records.claimed(job)
            #expect(claim.store.spec.host == "acme.stores.test")
            _ = try await records.settle(claim, as: .relocate(reason: "store-acme is not ours"))
            let moved = try await records.claimed(job)
            #expect(moved.store.spec.host == "acme-\(store.id.rawValue.prefix(6)).example.org")
            #expect(try await recorded(store) == moved.store.spec.host)
        }
    }

    @Test("a change leaves the store ready, is one generation, and is applied by a job of its own kind") func change() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (asked, job) = try await changed(
                records,
                store,
                StoreChange(name: try StoreName("Zenith"), plan: .large, database: VolumeSize("8Gi"))
            )
            #expect(asked.status == .ready && asked.generation == 2 && asked.appliedGeneration == 1 && asked.activity == .resizing)
            #expect(asked.health?.state == .healthy && job.kind == .apply && job.jobClass == .interactive)
            let claim = try await records.claimed(job)
            #expect(claim.store.spec.plan == .large && claim.store.name.rawValue == "Zenith")
            #expect(claim.values.recorded == nil && !claim.values.readsFiles)
            #expect(claim.values.applied?.spec == Self.found && claim.values.applied?.values == #"{"plan": "small"}"#)
            #expect(claim.values.applied?.name == store.name)
            _ = try await records.settle(claim, as: Self.ready)
            let after = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(after.status == .ready && after.appliedGeneration == 2 && after.activity == nil && after.changeError == nil)
            #expect(after.spec.plan == .large && after.spec.database == VolumeSize("8Gi") && after.readyAt == store.readyAt)
        }
    }

    @Test("values that an attempt recorded are what the next attempt at the same generation gets") func recorded() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .medium))
            let claim = try await records.claimed(job)
            try await records.resolve(claim.store.spec, values: #"{"plan": "medium"}"#, under: claim)
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job, worker: "w2")
            #expect(next.values.recorded == #"{"plan": "medium"}"#)
        }
    }

    @Test("an attempt that takes over from one which was going back goes back, unless another change was asked for") func goingBack()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .large))
            let claim = try await records.claimed(job)
            #expect(claim.values.failure == nil)
            try await records.record(cause: "unschedulable", evidence: "{}", under: claim)
            var back = Self.found
            back.adminRevision = 3
            back.database = VolumeSize("9Gi")
            try await records.goBack(to: back, after: "No node has room.", under: claim)
            // As a worker that is lost leaves it.
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job, worker: "w2")
            #expect(next.values.failure == ChangeFailure(code: "unschedulable", message: "No node has room."))
            #expect(next.values.applied?.spec.adminRevision == 3 && next.values.applied?.spec.database == VolumeSize("9Gi"))
            _ = try await records.settle(next, as: .again(after: .zero, reason: "its worker was stopped"))
            _ = try await changed(records, store, StoreChange(plan: .medium))
            #expect(try await records.claimed(job, worker: "w3").values.failure == nil)
        }
    }

    @Test("a change that is asked for while another runs is made by the same job, after it") func meanwhile() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .medium))
            let claim = try await records.claimed(job)
            let (_, same) = try await changed(records, store, StoreChange(renewsPassword: true))
            #expect(same.id == job.id)
            guard case .queued(let again) = try await records.settle(claim, as: Self.ready), again.id == job.id, again.kind == .apply else {
                Issue.record("the job is not queued again")
                return
            }
            var told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.generation == 3 && told.appliedGeneration == 2 && told.status == .ready && told.activity == .renewingPassword)
            let next = try await records.claimed(job)
            #expect(next.attempt == 1 && next.store.spec.adminRevision == 1 && next.values.applied?.spec.plan == .medium)
            _ = try await records.settle(next, as: Self.ready)
            told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.appliedGeneration == 3 && told.activity == nil)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a change that is kept is taken back from the spec, told, and tried again by a retry as a new generation") func kept()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .large, uploads: VolumeSize("20Gi")))
            let claim = try await records.claimed(job)
            try await records.resolve(claim.store.spec, values: #"{"plan": "large"}"#, under: claim)
            _ = try await records.settle(claim, as: Self.kept)
            var told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.changeError?.failure.code == "volume-cannot-grow" && told.activity == nil)
            #expect(told.spec == Self.found && told.generation == 2 && told.appliedGeneration == 1)
            // Of the generation that was taken back no attempt finds values any more.
            #expect(
                try await pool.query(
                    "SELECT 1 FROM store_specs WHERE store_id = \(store.id.rawValue) AND generation = 2 AND values IS NOT NULL"
                ).isEmpty
            )
            guard case .accepted(let again, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not retried")
                return
            }
            #expect(again.generation == 3 && again.spec.plan == .large && again.changeError == nil && retry.kind == .apply)
            _ = try await records.settle(try await records.claimed(retry), as: Self.ready)
            told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.appliedGeneration == 3 && told.spec.uploads == VolumeSize("20Gi"))
        }
    }

    @Test("a change after one that was kept does not ask for that again") func afterKept() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(uploads: VolumeSize("20Gi")))
            _ = try await records.settle(try await records.claimed(job), as: Self.kept)
            let (asked, _) = try await changed(records, store, StoreChange(renewsPassword: true))
            #expect(asked.spec.uploads == VolumeSize("6Gi") && asked.changeError == nil)
        }
    }

    @Test("a stale generation, a smaller volume, an unknown version and a change of nothing are refused with their reasons") func refusals()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            func outcome(_ change: StoreChange, generation: Int64? = nil) async throws -> ChangeOutcome {
                try await records.change(ChangeRequest(store.id, change, generation: generation), limits: roomy, by: tester)
            }
            guard case .stale(let now) = try await outcome(StoreChange(plan: .large), generation: 7), now.generation == 1 else {
                Issue.record("not stale")
                return
            }
            guard case .smaller(_, "storage.uploads") = try await outcome(StoreChange(uploads: VolumeSize("5Gi"))),
                case .noVersion = try await outcome(StoreChange(version: ChartVersion("9.9.9"))),
                case .unchanged = try await outcome(StoreChange(plan: .small), generation: 1)
            else {
                Issue.record("accepted")
                return
            }
            let stranger = ChangeRequest(store.id, StoreChange(plan: .large), visibleTo: access("eve"))
            guard case .notFound = try await records.change(stranger, limits: roomy, by: tester) else {
                Issue.record("a stranger changed it")
                return
            }
            let report = WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true)
            try await records.report(report, charts: [Self.chart("9.9.9")])
            guard case .accepted(let asked, _) = try await outcome(StoreChange(version: ChartVersion("9.9.9"))) else {
                Issue.record("a version that a worker has was refused")
                return
            }
            #expect(asked.activity == .upgrading)
            #expect(try await records.charts() == [Self.chart("9.9.9")])
        }
    }

    private static func chart(_ version: String) -> ChartFacts {
        ChartFacts(
            engine: .woocommerce,
            version: ChartVersion(version)!,
            appVersion: "11.2.0",
            isCurrent: true,
            defaultPlan: .medium,
            plans: [.small: ChartFacts.Plan(cpu: "1", memory: "512Mi", databaseMemory: "768Mi")],
            storage: ChartFacts.Storage(database: "5Gi", uploads: "5Gi")
        )
    }

    @Test("a store that is asleep has no health, counts half of its plan, and is healthy once it is awake again") func sleep() async throws
    {
        try await withRecords { (records, pool) async throws in
            func weight() async throws -> Int? {
                try await pool.query("SELECT weight FROM store_usage WHERE scope = 'user:ada'").first?["weight"]
            }
            let store = try await readyStore(records)
            #expect(try await weight() == 2)
            let (asked, job) = try await changed(records, store, StoreChange(isAsleep: true))
            #expect(asked.activity == .fallingAsleep && asked.health == nil && asked.status == .ready)
            // It counts as less once that is so.
            #expect(try await weight() == 2)
            let claim = try await records.claimed(job)
            #expect(claim.descriptor.kind.wants(claim.store.spec) == .asleep)
            _ = try await records.settle(claim, as: Self.ready)
            let slept = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(slept.spec.isAsleep && slept.activity == nil && slept.health == nil)
            #expect(try await weight() == 1)
            let (waking, wake) = try await changed(records, slept, StoreChange(isAsleep: false))
            #expect(waking.activity == .waking && waking.health == nil)
            _ = try await records.settle(try await records.claimed(wake), as: Self.ready)
            #expect(try await records.store(store.id, visibleTo: nil)?.health?.state == .healthy)
            #expect(try await weight() == 2)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a store counts as the heavier of what it is and is to be, until that is so; a retry counts, too") func weights() async throws {
        try await withRecords { (records, pool) async throws in
            func weight() async throws -> Int? {
                try await pool.query("SELECT weight FROM store_usage WHERE scope = 'user:ada'").first?["weight"]
            }
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(uploads: VolumeSize("20Gi"), isAsleep: true))
            #expect(try await weight() == 2)
            _ = try await records.settle(try await records.claimed(job), as: Self.kept)
            #expect(try await weight() == 2)
            let (_, larger) = try await changed(records, store, StoreChange(plan: .large))
            #expect(try await weight() == 8)
            _ = try await records.settle(try await records.claimed(larger), as: Self.kept)
            #expect(try await weight() == 2)
            let outcome = try await records.retry(store.id, visibleTo: nil, traceparent: nil, units: (limit: 3, role: .user), by: tester)
            guard case .unitLimitReached(1, 3) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a change that waits becomes the retry of a store of which something was taken") func drift()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .medium))
            try await pool.query(
                "UPDATE stores SET drift = 'release', health = 'degraded', observed_at = now() WHERE id = \(store.id.rawValue)"
            )
            guard case .accepted(let again, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not retried")
                return
            }
            #expect(again.status == .provisioning && retry.id == job.id && retry.kind == .retry)
            #expect(try await records.claimed(retry).descriptor.kind == .retry)
        }
    }

    @Test("a store that wakes goes on waking through another change, and what was not tried to its end can be asked for again")
    func activities()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, sleep) = try await changed(records, store, StoreChange(isAsleep: true))
            _ = try await records.settle(try await records.claimed(sleep), as: Self.ready)
            _ = try await changed(records, store, StoreChange(isAsleep: false))
            let (waking, job) = try await changed(records, store, StoreChange(name: try StoreName("Other")))
            #expect(waking.activity == .waking && waking.health == nil)
            _ = try await records.cancel(job.id, reason: "enough")
            let (again, _) = try await changed(records, store, StoreChange(isAsleep: false))
            #expect(again.generation == waking.generation + 1)
        }
    }

    @Test("a take-over that comes while a change runs is that of its own generation") func takeOver() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .medium))
            _ = try await records.settle(try await records.claimed(job), as: Self.kept)
            let (_, next) = try await changed(records, store, StoreChange(plan: .large))
            _ = try await records.settle(try await records.claimed(next), as: Self.kept)
            guard case .accepted(_, let retry) = try await records.retry(store.id, takeOver: true, visibleTo: nil, traceparent: nil) else {
                Issue.record("not retried")
                return
            }
            let claim = try await records.claimed(retry)
            #expect(claim.takesOver)
            _ = try await changed(records, store, StoreChange(plan: .small))
            _ = try await records.settle(claim, as: Self.ready)
            #expect(try await !records.claimed(retry).takesOver)
        }
    }

    @Test("plans count by their units: what is more than a user may have is refused, alone and among others") func units() async throws {
        try await withRecords { (records, _) async throws in
            let limits = StoreLimits(total: 100, perUser: 100, unitsPerUser: 5)
            func make(_ plans: [StorePlan]) async throws -> [String] {
                let requests = plans.map { plan in
                    NewStore(name: try! StoreName("Store \(plan)"), engine: .woocommerce, owner: UserID("ada"), plan: plan)
                }
                return try await records.create(requests.map { ($0, tester) }, limits: limits).map { outcome in
                    switch outcome {
                    case .accepted(let store, _): store.spec.plan.rawValue
                    case .unitLimitReached(let used, let limit): "\(used) of \(limit)"
                    default: "\(outcome)"
                    }
                }
            }
            #expect(try await make([.large]) == ["large"])
            #expect(try await make([.medium]) == ["4 of 5"])
            #expect(try await make([.small, .medium]) == ["small", "5 of 5"])
        }
    }

    @Test(
        "a job that is lost with three workers, cancelled or out of attempts leaves a serving store ready, and a retry makes the same generation"
    )
    func ended() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await readyStore(records)
            for end in ["cancelled", "not-applied", "workers-lost"] {
                let (_, job) = try await changed(records, store, StoreChange(renewsPassword: true))
                switch end {
                case "cancelled": _ = try await records.cancel(job.id, reason: "enough")
                case "not-applied":
                    try await pool.query("UPDATE jobs SET max_attempts = 1 WHERE id = \(job.id.rawValue)")
                    _ = try await records.settle(
                        try await records.claimed(job),
                        as: .failed(message: "The cluster is away.", permanent: false)
                    )
                default:
                    try await pool.query("UPDATE jobs SET max_reclaims = 1 WHERE id = \(job.id.rawValue)")
                    _ = try await records.claimed(job, times: LeaseTimes(lease: .zero))
                    _ = try await records.releaseLapsed()
                }
                let told = try #require(try await records.store(store.id, visibleTo: nil))
                #expect(told.status == .ready && told.changeError?.failure.code == end && told.activity == nil)
                guard case .accepted(let again, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                    Issue.record("not retried")
                    return
                }
                #expect(again.spec.adminRevision == told.spec.adminRevision && again.generation == told.generation + 1)
                _ = try await records.settle(try await records.claimed(retry), as: Self.ready)
                #expect(try await records.store(store.id, visibleTo: nil)?.appliedGeneration == again.generation)
            }
        }
    }

    @Test("a change of a store that does not serve any more fails it") func failed() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await readyStore(records)
            let (_, job) = try await changed(records, store, StoreChange(plan: .large))
            _ = try await records.settle(try await records.claimed(job), as: .failed(message: "It does not start.", permanent: true))
            let told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .failed && told.activity == nil && told.errorMessage == "It does not start.")
            // Another plan is the way out, and retries at once.
            let (asked, retry) = try await changed(records, told, StoreChange(plan: .medium))
            #expect(asked.status == .provisioning && asked.spec.version == ChartVersion("1.1.0") && retry.kind == .retry)
        }
    }

    @Test("a store that was never ready forgets what was found for it when it is retried, so that other settings count") func neverReady()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, job) = try await records.accepted("Acme")
            let claim = try await records.claimed(job)
            try await records.resolve(Self.found, values: "{}", under: claim)
            _ = try await records.settle(claim, as: .failed(message: "No such class.", permanent: true))
            guard case .accepted(let again, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not retried")
                return
            }
            #expect(again.spec == StoreSpec())
            #expect(try await records.claimed(retry).values == KnownValues())
        }
    }

    @Test("the weight of a plan is the same in Swift and in PostgreSQL", arguments: StorePlan.allCases) func weightOfPlan(plan: StorePlan)
        async throws
    {
        try await withRecords { (_, pool) async throws in
            let row = try #require(
                try await pool.query(
                    "SELECT store_weight(\(plan.rawValue), false) AS awake, store_weight(\(plan.rawValue), true) AS asleep"
                ).first
            )
            #expect(try row["awake"] == 2 * plan.units && row["asleep"] == plan.units)
        }
    }
}
