import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct AttemptTests {
    @Test("one attempt at a time holds a namespace; what it settles is the store's state") func lifecycle() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let claim = try await records.claimed(descriptor)
            #expect(claim.attempt == 1)
            #expect(!claim.takenOver)
            if case .held = try await records.claim(descriptor, worker: "w2", times: LeaseTimes(), limits: ClassLimits(interactive: 100)) {
            } else {
                Issue.record("claimed twice")
            }
            for step in ProvisioningStep.allCases { try await records.complete(step, under: claim) }
            try await records.append("installed", kind: .normal, stage: .release, source: .worker, under: claim)
            try await records.append("NAME: acme", kind: .normal, stage: .release, source: .helm, under: claim)
            let secret = ResourceSummary(kind: "Secret", name: "s", status: .active, createdAt: Date(timeIntervalSince1970: 1_700_000_000))
            let release = ReleaseRecord(manifest: "kind: Deployment", secrets: [secret])
            try await records.save(release, under: claim)
            #expect(try await records.renew(claim, lease: .seconds(12)) == .held(cancelRequested: false))
            _ = try await records.settle(claim, as: .ready(url: "http://acme.localhost", engineVersion: "WooCommerce 10.8.1"))
            let detail = try #require(try await records.detail(store.id, visibleTo: nil))
            #expect(detail.store.status == .ready)
            #expect(detail.store.url == "http://acme.localhost")
            #expect(detail.store.steps.count == 5)
            #expect(detail.release == release)
            #expect(detail.store.health?.state == .healthy)
            #expect(detail.events.map(\.message) == ["installed"])
            #expect(detail.job?.state == .succeeded)
            if case .over = try await records.claim(descriptor, worker: "w2", times: LeaseTimes(), limits: ClassLimits(interactive: 100)) {
            } else {
                Issue.record("claimed after its end")
            }
            #expect(try await records.renew(claim, lease: .seconds(12)) == .lost)
        }
    }

    @Test("many are claimed and settled in one statement each, and each has its own outcome") func together() async throws {
        try await withRecords { (records, _) async throws in
            var descriptors: [JobDescriptor] = []
            for name in ["One", "Two", "Three"] { descriptors.append(try await records.accepted(name).1) }
            let stale = try await records.claimed(descriptors[2], worker: "frozen", times: LeaseTimes(lease: .zero))
            let outcomes = try await records.claim(
                descriptors.map { ClaimRequest($0) },
                worker: "w",
                times: LeaseTimes(),
                limits: ClassLimits(interactive: 2)
            )
            .map { try $0.get() }
            var claims: [Claim] = []
            var capped = 0
            for (outcome, descriptor) in zip(outcomes, descriptors) {
                switch outcome {
                case .claimed(let claim):
                    #expect(claim.descriptor.id == descriptor.id)
                    claims.append(claim)
                case .capped: capped += 1
                default: Issue.record("\(outcome)")
                }
            }
            #expect(claims.count == 2)
            #expect(capped == 1)
            let ready = AttemptOutcome.ready(url: "http://a", engineVersion: nil)
            let settled = try await records.settle([
                (claims[1], .failed(message: "no volume", permanent: true)), (stale, ready), (claims[0], ready),
            ])
            #expect(settled == [.over(deadLettered: "no volume"), nil, .over(deadLettered: nil)])
            #expect(try await records.detail(claims[0].store.id, visibleTo: nil)?.store.status == .ready)
            #expect(try await records.detail(claims[1].store.id, visibleTo: nil)?.store.status == .failed)
        }
    }

    @Test("an attempt whose lease lapsed is refused every write, and its successor waits for it") func fenced() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let stale = try await records.claimed(descriptor, worker: "frozen", times: LeaseTimes(lease: .zero))
            let claim = try await records.claimed(descriptor, worker: "w2")
            #expect(claim.takenOver)
            #expect(claim.attempt == 1)
            #expect(claim.fence.number > stale.fence.number)
            await #expect(throws: LeaseLost.self) { try await records.complete(.secretsGenerated, under: stale) }
            await #expect(throws: LeaseLost.self) { try await records.fail(.secretsGenerated, error: "x", under: stale) }
            await #expect(throws: LeaseLost.self) {
                try await records.append("stale", kind: .normal, stage: nil, source: .worker, under: stale)
            }
            await #expect(throws: LeaseLost.self) { try await records.save(ReleaseRecord(manifest: nil, secrets: []), under: stale) }
            await #expect(throws: LeaseLost.self) { try await records.record(cause: "crash-loop", evidence: "{}", under: stale) }
            await #expect(throws: LeaseLost.self) { try await records.settle(stale, as: .ready(url: "http://stale", engineVersion: nil)) }
            #expect(try await records.renew(stale, lease: .seconds(12)) == .lost)
            _ = try await records.settle(claim, as: .ready(url: "http://right", engineVersion: nil))
            let detail = try #require(try await records.detail(store.id, visibleTo: nil))
            #expect(detail.store.url == "http://right")
            #expect(detail.events.isEmpty)
            #expect(detail.store.steps.isEmpty)
        }
    }

    @Test("the trigger refuses a lower fence and an illegal change of state, whoever asks") func trigger() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            _ = try await records.claimed(descriptor)
            await #expect { try await pool.query("UPDATE stores SET fence = 0 WHERE id = \(store.id.rawValue)") } throws: {
                ($0 as? PostgresError)?.sqlState == "SW001"
            }
            try await pool.query("UPDATE stores SET status = 'failed' WHERE id = \(store.id.rawValue)")
            await #expect { try await pool.query("UPDATE stores SET status = 'ready' WHERE id = \(store.id.rawValue)") } throws: {
                ($0 as? PostgresError)?.sqlState == "SW003"
            }
        }
    }

    @Test("PostgreSQL and the domain agree on which changes of state are allowed", arguments: StoreStatus.allCases) func agreement(
        old: StoreStatus
    ) async throws {
        try await withRecords { (_, pool) async throws in
            for new in StoreStatus.allCases {
                let row = try #require(
                    try await pool.query("SELECT store_status_may_become(\(old.rawValue), \(new.rawValue)) AS allowed").first
                )
                let allowed: Bool = try row["allowed"]
                #expect(allowed == old.mayBecome(new))
            }
        }
    }

    @Test("a transient failure is queued again until the attempts are used up; a hand-back costs none") func attempts() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            for attempt in 1...5 {
                try await pool.query("UPDATE jobs SET run_after = clock_timestamp()")
                let drained = try await records.claimed(descriptor)
                #expect(drained.attempt == attempt)
                let handedBack = try await records.settle(drained, as: .again(after: .zero, reason: "drain"))
                #expect(handedBack == .queued(drained.descriptor))
                let claim = try await records.claimed(descriptor)
                #expect(claim.attempt == attempt)
                let next = try await records.settle(claim, as: .failed(message: "flap \(attempt)", permanent: false))
                #expect(next == (attempt == 5 ? .over(deadLettered: "flap 5") : .queued(claim.descriptor)))
                if attempt < 5,
                    case .notYet(let wait) = try await records.claim(
                        descriptor,
                        worker: "w",
                        times: LeaseTimes(),
                        limits: ClassLimits(interactive: 100)
                    )
                {
                    #expect(wait > .zero)
                }
            }
            let failed = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(failed.status == .failed)
            #expect(failed.errorMessage == "flap 5")
        }
    }

    @Test("retry repeats what failed: a provision as a retry, a delete as a delete") func retry() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            if case .notFailed = try await records.retry(store.id, visibleTo: nil, traceparent: nil) {
            } else {
                Issue.record("retried a store that did not fail")
            }
            let claim = try await records.claimed(descriptor)
            try await records.complete(.namespaceCreated, under: claim)
            try await records.fail(.databaseReady, error: "no volume", under: claim)
            _ = try await records.settle(claim, as: .failed(message: "no volume", permanent: true))
            let failed = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(failed.steps.map(\.step) == [.namespaceCreated, .databaseReady])
            #expect(failed.steps.last?.error == "no volume")
            guard case .accepted(let retried, let again) = try await records.retry(store.id, visibleTo: access("ada"), traceparent: nil)
            else {
                Issue.record("not retried")
                return
            }
            #expect(again.kind == .retry)
            #expect(retried.status == .provisioning)
            #expect(retried.errorMessage == nil)
            #expect(retried.steps.isEmpty)
            guard case .accepted(_, let deletion, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not deleted")
                return
            }
            _ = try await records.settle(try await records.claimed(deletion), as: .failed(message: "stuck", permanent: true))
            guard case .accepted(let deleting, let deletionAgain) = try await records.retry(store.id, visibleTo: nil, traceparent: nil)
            else {
                Issue.record("not retried")
                return
            }
            #expect(deletionAgain.kind == .delete)
            #expect(deleting.status == .deleting)
        }
    }

    @Test("deleting while a provision runs asks it to stop, and what it says afterwards changes nothing") func cancel() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let claim = try await records.claimed(descriptor)
            _ = try await records.delete(store.id, visibleTo: nil, traceparent: nil)
            #expect(try await records.renew(claim, lease: .seconds(12)) == .held(cancelRequested: true))
            let next = try await records.settle(claim, as: .ready(url: "http://too.late", engineVersion: nil))
            #expect(next == .over(deadLettered: nil))
            let deleting = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(deleting.status == .deleting)
            #expect(deleting.url == nil)
        }
    }

    @Test("a job whose workers vanish is released, and deadLettered after three") func poison() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let lapsing = LeaseTimes(lease: .zero)
            for round in 1...3 {
                _ = try await records.claimed(descriptor, times: lapsing)
                let released = try await records.releaseLapsed()
                #expect(released.map(\.descriptor.id) == [descriptor.id])
                #expect(released.map(\.isQueued) == [round < 3])
                #expect((released.first?.deadLettered != nil) == (round == 3))
            }
            let deadLettered = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(deadLettered.status == .failed)
            #expect(deadLettered.errorMessage?.contains("3 workers") == true)
        }
    }

    @Test("a namespace that is somebody else's is left, and the store goes to its suffixed one under a higher fence") func relocate()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let claim = try await records.claimed(descriptor)
            let suffixed = StoreNamespace.suffixed(for: store.name, id: store.id)
            var requeued = claim.descriptor
            requeued.namespace = suffixed
            #expect(try await records.settle(claim, as: .relocate(reason: "store-acme is not ours")) == .queued(requeued))
            let moved = try await records.claimed(descriptor)
            #expect(moved.store.namespace == suffixed)
            #expect(moved.attempt == 1)
            try await records.complete(.namespaceCreated, under: moved)
        }
    }

    @Test("a role has one holder until its lease ends") func role() async throws {
        try await withRecords { (records, _) async throws in
            #expect(try await records.hold(.sweep, worker: "a", for: .seconds(30)))
            #expect(try await !records.hold(.sweep, worker: "b", for: .seconds(30)))
            #expect(try await records.hold(.sweep, worker: "a", for: .zero))
            #expect(try await records.hold(.sweep, worker: "b", for: .seconds(30)))
        }
    }

    @Test("every change of a store's status stands in the history, in a legal order") func history() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            _ = try await records.settle(try await records.claimed(descriptor), as: .failed(message: "no", permanent: true))
            guard case .accepted(_, let again) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else { return }
            _ = try await records.settle(try await records.claimed(again), as: .ready(url: "http://a", engineVersion: nil))
            guard case .accepted(_, let deletion, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil) else { return }
            _ = try await records.settle(try await records.claimed(deletion), as: .gone)
            let rows = try await pool.query("SELECT to_status FROM store_history WHERE store_id = \(store.id.rawValue) ORDER BY id")
            let statuses: [String] = try rows.map { try $0["to_status"] }
            #expect(statuses == ["provisioning", "failed", "provisioning", "ready", "deleting", "deleted"])
        }
    }
}
