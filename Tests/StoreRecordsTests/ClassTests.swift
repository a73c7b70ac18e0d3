import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Jobs are claimed by class: deletes, what somebody waits for, and what nobody waits for.
@Suite struct ClassTests {
    private let limits = ClassLimits(interactive: 1, background: 1)
    private let ready = AttemptOutcome.ready(url: "http://store.localhost", engineVersion: nil)
    private let actor = Operator(name: "tests", source: .api)

    private func isClaimed(_ outcome: ClaimOutcome) -> Bool? {
        switch outcome {
        case .claimed: true
        case .capped: false
        case .held, .over, .notYet, .paused: nil
        }
    }

    @Test("a class at its limit keeps no other from being claimed, one by one and in a group", arguments: [false, true])
    func caps(together: Bool) async throws {
        try await withRecords { (records, _) async throws in
            var jobs: [JobDescriptor] = []
            for number in 1...2 { jobs.append(try await records.changed(records.ready("Old \(number)"), .background)) }
            for number in 1...2 { jobs.append(try await records.accepted("New \(number)").1) }
            let gone = try await records.ready("Gone")
            guard case .accepted(_, let deletion, _) = try await records.delete(gone.id, visibleTo: nil, traceparent: nil) else { return }
            jobs.append(deletion)
            #expect(jobs.map(\.jobClass) == [.background, .background, .interactive, .interactive, .delete])
            var outcomes: [ClaimOutcome] = []
            if together {
                let requests = jobs.map { ClaimRequest($0) }
                outcomes = try await records.claim(requests, worker: "w", times: LeaseTimes(), limits: limits).map { try $0.get() }
            } else {
                for job in jobs { outcomes.append(try await records.claim(job, worker: "w", times: LeaseTimes(), limits: limits)) }
            }
            #expect(outcomes.map(isClaimed) == [true, false, true, false, true])
            let first = try #require(outcomes.first)
            guard case .claimed(let claim) = first else { return }
            #expect(claim.descriptor.jobClass == .background)
            // What ends makes room in its own class.
            _ = try await records.settle(claim, as: ready)
            #expect(try await isClaimed(records.claim(jobs[3], worker: "w", times: LeaseTimes(), limits: limits)) == false)
            #expect(try await isClaimed(records.claim(jobs[1], worker: "w", times: LeaseTimes(), limits: limits)) == true)
        }
    }

    @Test("a group within the limits of its classes is claimed whole") func whole() async throws {
        try await withRecords { (records, _) async throws in
            let jobs = [
                try await records.changed(records.ready("Old"), .background), try await records.accepted("New").1,
            ]
            let outcomes = try await records.claim(jobs.map { ClaimRequest($0) }, worker: "w", times: LeaseTimes(), limits: limits)
            #expect(try outcomes.map { isClaimed(try $0.get()) } == [true, true])
        }
    }

    @Test("a change that somebody waits for makes the unfinished job theirs, and what is queued again says so") func urgent() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.ready("Acme")
            let job = try await records.changed(store, .background)
            let claim = try await records.claimed(job)
            let urgent = try await records.changed(store, .interactive, asleep: true)
            #expect(urgent.id == job.id && urgent.jobClass == .interactive)
            // Nor does what nobody waits for make it less urgent.
            #expect(try await records.changed(store, .background, asleep: false).jobClass == .interactive)
            var requeued = claim.descriptor
            requeued.jobClass = .interactive
            #expect(try await records.settle(claim, as: ready) == .queued(requeued))
            let (shown, _) = try #require(try await records.job(job.id))
            #expect(shown.jobClass == .interactive)
        }
    }

    @Test("the interactive go before the background in what a job is told of its place; each class has turns of its own") func waiting()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let report = WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true)
            try await records.report(report, charts: [])
            let stores = [try await records.ready("One"), try await records.ready("Two")]
            for store in stores { _ = try await records.changed(store, .background) }
            let (fresh, _) = try await records.accepted("Fresh")
            func reason(_ store: Store) async throws -> WaitingReason? { try await records.detail(store.id, visibleTo: nil)?.job?.waiting }
            #expect(try await reason(fresh) == .slot)
            #expect(try await reason(stores[0]) == .queue(ahead: 1, seconds: 1_800))
            #expect(try await reason(stores[1]) == .queue(ahead: 2, seconds: 3_600))
        }
    }

    @Test("jobs of a kind that a newer version knows do not stop the sweep's reading of the others") func unknownKinds() async throws {
        try await withRecords { (records, pool) async throws in
            let (_, known) = try await records.accepted("Known")
            let (_, unknown) = try await records.accepted("Unknown")
            _ = try await records.claimed(unknown, times: LeaseTimes(lease: .zero))
            try await pool.query("ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check")
            try await pool.query("UPDATE jobs SET kind = 'verify' WHERE id = \(unknown.id.rawValue)")
            #expect(try await records.releaseLapsed().isEmpty)
            #expect(try await records.queuedDescriptors(limit: 9, after: nil).map(\.id) == [known.id])
            #expect(try await records.newestQueuedDescriptors(limit: 9).map(\.id) == [known.id])
        }
    }
}

extension StoreRecords {
    /// A store that serves.
    fileprivate func ready(_ name: String) async throws -> Store {
        let (store, job) = try await accepted(name)
        _ = try await settle(try await claimed(job), as: .ready(url: "http://store.localhost", engineVersion: nil))
        return store
    }

    /// The job of a change of the store.
    fileprivate func changed(_ store: Store, _ jobClass: JobClass, asleep: Bool? = nil) async throws -> JobDescriptor {
        let change = asleep.map { StoreChange(isAsleep: $0) } ?? StoreChange(plan: .medium)
        let request = ChangeRequest(store.id, change, jobClass: jobClass)
        let outcome = try await self.change(request, limits: roomy, by: Operator(name: "tests", source: .api))
        guard case .accepted(_, let job) = outcome else { throw TestSupportError(message: "not changed: \(outcome)") }
        return job
    }
}
