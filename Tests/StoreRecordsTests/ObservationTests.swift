import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct ObservationTests {
    private func ready(_ records: StoreRecords, _ name: String = "Acme") async throws -> Store {
        let (store, descriptor) = try await records.accepted(name)
        _ = try await records.settle(try await records.claimed(descriptor), as: .ready(url: "http://acme.localhost", engineVersion: nil))
        return store
    }

    private func term(_ records: StoreRecords, _ holder: String = "w1", for time: Duration = .seconds(30)) async throws -> WatchTerm {
        WatchTerm(holder: holder, number: try #require(try await records.term(of: .watch, holder: holder, for: time)))
    }

    @Test("what was seen is what the API reads, and an observation is no update") func seen() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records)
            let before = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(before.health?.state == .healthy)
            let moment = Date(timeIntervalSince1970: 1_795_424_801.5)
            let snapshot = NamespaceSnapshot(
                resources: [
                    ResourceSummary(kind: "Deployment", name: "wordpress", status: .pending, replicas: "0/1", createdAt: moment),
                    ResourceSummary(kind: "PVC", name: "data \"größe\" {,}", status: .bound, createdAt: moment + 1),
                ],
                events: [StoreEvent(timestamp: moment + 2, message: "Back-off, \\ pulling", kind: .warning)],
                quotas: QuotaUsage(cpuUsed: "200m", pvcLimit: "5Gi"),
                replicas: 2,
                podsRunning: 1,
                podRestarts: 3,
                engineVersion: "WooCommerce 10.8.1"
            )
            let verdict = HealthVerdict(.degraded, cause: "The pod is not ready.")
            try await records.observe(
                [StoreObservation(store: store.id, snapshot: snapshot, verdict: verdict)],
                under: try await term(records)
            )
            let detail = try #require(try await records.detail(store.id, visibleTo: nil))
            #expect(detail.snapshot == ClusterView(resources: snapshot.resources, events: snapshot.events, quotas: snapshot.quotas))
            #expect(detail.store.podsRunning == 1)
            #expect(detail.store.engineVersion == "WooCommerce 10.8.1")
            #expect(detail.store.health?.state == .degraded)
            #expect(detail.store.health?.cause == "The pod is not ready.")
            #expect(detail.store.updatedAt == before.updatedAt)
            let history = try #require(try await records.healthHistory(of: store.id, visibleTo: nil))
            #expect(history.map(\.to) == [.degraded, .healthy])
            #expect(try await records.healthHistory(of: store.id, visibleTo: access("eve")) == nil)
        }
    }

    @Test("what volumes use is what the API reads and the figures count; who does not say leaves it as it was") func volumes() async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records)
            let term = try await term(records)
            func see(_ volumes: [VolumeUsage]?, replicas: Int) async throws -> [VolumeUsage]? {
                let snapshot = NamespaceSnapshot(volumes: volumes, replicas: replicas)
                try await records.observe([StoreObservation(store: store.id, snapshot: snapshot, verdict: nil)], under: term)
                return try await records.detail(store.id, visibleTo: nil)?.snapshot?.volumes
            }
            #expect(try await see(nil, replicas: 1) == [])
            let gibibyte: Int64 = 1 << 30
            let database = try #require(VolumeUsage(.database, used: 5, size: gibibyte))
            let told = [database, try #require(VolumeUsage(.uploads, used: gibibyte, size: gibibyte))]
            #expect(told[0].used == 1 << 20)
            #expect(try await see(told, replicas: 2) == told)
            #expect(try await see(nil, replicas: 3) == told)
            let figures = try await records.figures().filter { $0.name.hasPrefix("store_volume") }
            #expect(figures.first { $0.labels == ["volume": "uploads", "fill": "full"] }?.value == 1)
            #expect(figures.first { $0.labels == ["volume": "database", "fill": "free"] }?.value == 1)
            #expect(figures.first { $0.labels == ["volume": "uploads"] }?.value == Double(gibibyte))
            #expect(try await see([told[0]], replicas: 4) == [told[0]])
        }
    }

    @Test("a watcher whose term is over writes nothing, even before another has written") func terms() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records)
            let frozen = try await term(records, "frozen", for: .zero)
            let now = try await term(records, "w2")
            #expect(now.number > frozen.number)
            #expect(try await records.term(of: .watch, holder: "frozen", for: .seconds(30)) == nil)
            let observation = StoreObservation(store: store.id, snapshot: NamespaceSnapshot(replicas: 7), verdict: nil)
            await #expect(throws: LeaseLost.self) { try await records.observe([observation], under: frozen) }
            await #expect(throws: LeaseLost.self) { try await records.markHealthUnknown(cause: "x", under: frozen) }
            #expect(try await records.store(store.id, visibleTo: nil)?.replicas == 0)
            try await records.observe([observation], under: now)
            #expect(try await records.store(store.id, visibleTo: nil)?.replicas == 7)
        }
    }

    @Test("a store that is not ready has no health, and a deleted one leaves no trace of what was seen") func without() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, _) = try await records.accepted("Acme")
            let term = try await term(records)
            let observation = StoreObservation(store: store.id, snapshot: NamespaceSnapshot(replicas: 1), verdict: HealthVerdict(.healthy))
            try await records.observe([observation], under: term)
            #expect(try await records.store(store.id, visibleTo: nil)?.health == nil)
            guard case .accepted(_, let deletion, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not accepted")
                return
            }
            _ = try await records.settle(try await records.claimed(deletion), as: .gone)
            try await records.observe([observation], under: term)
            let left: Int? = try await pool.query("SELECT count(*) AS count FROM store_snapshots").first?["count"]
            #expect(left == 0)
        }
    }

    @Test("out of sight, every ready store's health is unknown") func blind() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records)
            let (waiting, _) = try await records.accepted("Waiting")
            try await records.markHealthUnknown(cause: "The cluster cannot be seen.", under: try await term(records))
            #expect(try await records.store(store.id, visibleTo: nil)?.health?.state == .unknown)
            #expect(try await records.store(waiting.id, visibleTo: nil)?.health == nil)
        }
    }

    @Test("a store of which another hand took something can be retried; a well one cannot") func drift() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await ready(records)
            guard case .notFailed = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("a well store was retried")
                return
            }
            let verdict = HealthVerdict(.degraded, cause: "The Deployment is gone.", drift: .release)
            let observation = StoreObservation(store: store.id, snapshot: NamespaceSnapshot(), verdict: verdict)
            try await records.observe([observation], under: try await term(records))
            #expect(try await records.store(store.id, visibleTo: nil)?.health?.drift == .release)
            guard case .notLost = try await records.recreate(store.id, visibleTo: nil, traceparent: nil, by: tester) else {
                Issue.record("a store that has its data was recreated")
                return
            }
            guard case .accepted(let retried, let descriptor) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("the repair was not accepted")
                return
            }
            #expect(retried.status == .provisioning)
            #expect(retried.health == nil)
            #expect(descriptor.kind == .retry)
        }
    }

    @Test("a store that sleeps has no health, but is known to be lost; one that is there again is not") func lostAsleep() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await ready(records)
            try await pool.query("UPDATE stores SET asleep = true WHERE id = \(store.id.rawValue)")
            #expect(try await records.store(store.id, visibleTo: nil)?.health == nil)
            let term = try await term(records)
            let watched = try await records.watchedStores(since: nil).stores.first { $0.id == store.id }
            #expect(watched?.isToServe == false && watched?.isToExist == true)
            func see(_ verdict: HealthVerdict?) async throws -> StoreHealth? {
                try await records.observe([StoreObservation(store: store.id, snapshot: NamespaceSnapshot(), verdict: verdict)], under: term)
                return try await records.store(store.id, visibleTo: nil)?.health
            }
            let lost = try #require(try await see(HealthVerdict(.degraded, cause: "The namespace is gone.", drift: .namespace)))
            #expect(lost.state == .degraded && lost.drift == .namespace && lost.cause == "The namespace is gone.")
            guard case .lost = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                throw TestSupportError(message: "a lost store was retried")
            }
            #expect(try await records.dueBackups(at: Date() + 9, limit: 9).isEmpty, "there is nothing left to back up")
            #expect(try await see(nil) == nil)
            // What is no longer said of a store that is to serve was said of it as it slept.
            try await pool.query("UPDATE stores SET activity = 'waking' WHERE id = \(store.id.rawValue)")
            #expect(try await see(HealthVerdict(.degraded, cause: "The namespace is gone.", drift: .namespace)) == nil)
        }
    }

    @Test("a lost store is recreated when that is asked for, and by nothing else; what of it fails is repeated as such") func recreate()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            func recreate(_ store: Store) async throws -> RetryOutcome {
                try await records.recreate(store.id, visibleTo: nil, traceparent: nil, by: tester)
            }
            let store = try await ready(records)
            guard case .notLost = try await recreate(store) else { throw TestSupportError(message: "a well store") }
            let verdict = HealthVerdict(.degraded, cause: "The namespace is gone.", drift: .namespace)
            let observation = StoreObservation(store: store.id, snapshot: NamespaceSnapshot(), verdict: verdict)
            try await records.observe([observation], under: try await term(records))
            guard case .lost = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                throw TestSupportError(message: "an empty store by a retry")
            }
            guard case .accepted(let made, let job) = try await recreate(store) else { throw TestSupportError(message: "not recreated") }
            #expect(made.status == .provisioning && job.kind == .retry && made.askedAt > store.askedAt)
            let claim = try await records.claimed(job)
            #expect(claim.recreates)
            _ = try await records.settle(claim, as: .failed(message: "no image", permanent: true))
            guard case .accepted(_, let again) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                throw TestSupportError(message: "not retried")
            }
            let second = try await records.claimed(again)
            #expect(second.recreates)
            _ = try await records.settle(second, as: .ready(url: "http://acme.localhost", engineVersion: nil))
            // A worker found out that it is lost, and the store failed.
            try await pool.query("UPDATE stores SET status = 'failed', failure_cause = 'data-lost' WHERE id = \(store.id.rawValue)")
            guard case .accepted(_, let plain) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                throw TestSupportError(message: "a failed store can always be retried")
            }
            let third = try await records.claimed(plain)
            #expect(!third.recreates)
            _ = try await records.settle(third, as: .failed(message: "lost", permanent: true))
            try await pool.query("UPDATE stores SET failure_cause = 'data-lost' WHERE id = \(store.id.rawValue)")
            guard case .accepted = try await recreate(store) else { throw TestSupportError(message: "not recreated once failed") }
            let audited = try await records.auditEntries(AuditQuery(action: "store.recreate", limit: 10))
            #expect(audited.map(\.detail) == ["accepted", "accepted", "not_lost"])
        }
    }

    @Test("since when somebody waits is told apart from when a worker began") func asked() async throws {
        try await withRecords { (records, _) async throws in
            let (store, job) = try await records.accepted("Acme")
            #expect(store.provisioningStartedAt == nil && abs(store.askedAt.timeIntervalSince(store.createdAt)) < 60)
            let claim = try await records.claimed(job)
            let began = try #require(claim.store.provisioningStartedAt)
            #expect(began >= store.askedAt && claim.store.askedAt == store.askedAt)
            _ = try await records.settle(claim, as: .failed(message: "no", permanent: true))
            guard case .accepted(let again, _) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else { return }
            #expect(again.askedAt > began && again.provisioningStartedAt == began)
        }
    }

    @Test("whoever was away gets every change since, of its own stores, deletions too") func changes() async throws {
        try await withRecords { (records, _) async throws in
            let cursor = try await records.cursor()
            let (mine, descriptor) = try await records.accepted("Mine")
            let (foreign, _) = try await records.accepted("Foreign", owner: "bob")
            let first = try await records.stores(changedSince: cursor, visibleTo: UserID("ada"), limit: 10)
            #expect(Set(first.stores.map(\.store.id)).isSuperset(of: [mine.id]))
            #expect(!first.stores.map(\.store.id).contains(foreign.id))
            #expect(first.stores.allSatisfy { !$0.isDeleted })
            let all = try await records.stores(changedSince: cursor, visibleTo: nil, limit: 10)
            #expect(all.stores.map(\.store.id).contains(foreign.id))
            _ = try await records.settle(try await records.claimed(descriptor), as: .ready(url: "http://mine", engineVersion: nil))
            guard case .accepted(_, let deletion, _) = try await records.delete(mine.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not accepted")
                return
            }
            _ = try await records.settle(try await records.claimed(deletion), as: .gone)
            let second = try await records.stores(changedSince: first.cursor, visibleTo: UserID("ada"), limit: 10)
            #expect(second.stores.first { $0.store.id == mine.id }?.isDeleted == true)
            #expect(ChangeCursor(second.cursor.description) == second.cursor)
            #expect(ChangeCursor("x") == nil)
            let watched = try await records.watchedStores(since: first.cursor)
            #expect(watched.stores.first { $0.id == mine.id }?.isDeleted == true)
        }
    }

    @Test("each attempt leaves a record: how it ended, why, and its own lines") func attempts() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let vanished = try await records.claimed(descriptor, worker: "frozen", times: LeaseTimes(lease: .zero))
            let drained = try await records.claimed(descriptor, worker: "w2")
            _ = try await records.settle(drained, as: .again(after: .zero, reason: "the worker is drained"))
            let failing = try await records.claimed(descriptor, worker: "w3")
            try await records.append("Installing the chart", kind: .normal, stage: .release, source: .worker, under: failing)
            try await records.append("STATUS: deployed", kind: .normal, stage: .release, source: .helm, under: failing)
            try await records.record(cause: "crash-loop", evidence: #"{"log":["fatal"]}"#, under: failing)
            _ = try await records.settle(failing, as: .failed(message: "It crashes.", permanent: true))
            let attempts = try #require(try await records.attempts(of: store.id, visibleTo: nil))
            #expect(attempts.map(\.id) == [failing, drained, vanished].map(\.fence.number))
            #expect(attempts.map(\.outcome) == [.failed, .handedBack, .vanished])
            #expect(attempts.first?.cause == "crash-loop")
            #expect(attempts.allSatisfy { $0.endedAt != nil && $0.evidence == nil })
            let one = try #require(try await records.attempt(failing.fence.number, of: store.id, visibleTo: nil))
            #expect(one.evidence?.contains("fatal") == true)
            #expect(try await records.attempt(failing.fence.number, of: store.id, visibleTo: access("eve")) == nil)
            let log = try await records.buildLog(of: store.id, attempt: failing.fence.number, after: 0, limit: 10)
            #expect(log.map(\.text) == ["Installing the chart", "STATUS: deployed"])
            #expect(log.map(\.source) == [.worker, .helm])
            #expect(try await records.buildLog(of: store.id, attempt: nil, after: log[0].id, limit: 10).map(\.text) == ["STATUS: deployed"])
            #expect(try await records.store(store.id, visibleTo: nil)?.failureCause == "crash-loop")
        }
    }

    @Test("a queued job says what it waits for") func waiting() async throws {
        try await withRecords { (records, pool) async throws in
            let (first, _) = try await records.accepted("First")
            let (second, _) = try await records.accepted("Second")
            func reason(_ store: Store) async throws -> WaitingReason? { try await records.detail(store.id, visibleTo: nil)?.job?.waiting }
            #expect(try await reason(first) == .noWorker)
            try await records.report(WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true), charts: [])
            #expect(try await reason(first) == .slot)
            #expect(try await reason(second) == .queue(ahead: 1, seconds: nil))
            // Another user's first goes before this one's second.
            let (other, _) = try await records.accepted("Other", owner: "bob")
            #expect(try await reason(other) == .queue(ahead: 1, seconds: nil))
            #expect(try await reason(second) == .queue(ahead: 2, seconds: nil))
            // Four jobs ended within the last hour.
            try await pool.query(
                """
                INSERT INTO jobs (store_id, kind, namespace, state, started_at, finished_at)
                SELECT \(other.id.rawValue), 'provision', 'store-first', 'succeeded', now(), now() - n * interval '14 minutes' FROM generate_series(1, 5) n
                """
            )
            #expect(try await reason(second) == .queue(ahead: 2, seconds: 1_800))
            try await records.pause(by: "op", reason: "maintenance")
            #expect(try await reason(first) == .paused(reason: "maintenance"))
        }
    }
}
