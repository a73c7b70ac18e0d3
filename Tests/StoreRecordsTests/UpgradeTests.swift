import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// What becomes of an upgrade that may go back to a backup, whatever ends its attempts.
@Suite struct UpgradeTests {
    private static let old = ChartVersion("1.2.0")!
    private static let new = ChartVersion("1.3.0")!
    private static let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0")
    private static let wentBack = AttemptOutcome.ready(
        url: "http://acme.localhost",
        engineVersion: "WooCommerce 11.2.0",
        change: ChangeFailure(code: "crash-loop", message: "The new version was not proved.")
    )

    private static func spec(_ version: ChartVersion) -> StoreSpec {
        StoreSpec(version: version, database: VolumeSize("5Gi"), uploads: VolumeSize("5Gi"), storageClass: "", host: "acme.localhost")
    }

    /// A ready store, with which something may happen first, and an attempt at its upgrade that has saved and closed it.
    private func upgrading(_ records: StoreRecords, before: (Store) async throws -> Void = { _ in }) async throws -> (
        store: Store, job: JobDescriptor, claim: Claim, safety: Backup
    ) {
        let chart = ChartFacts(
            engine: .woocommerce,
            version: Self.new,
            appVersion: "11.2.0",
            isCurrent: true,
            defaultPlan: .small,
            plans: [:],
            storage: ChartFacts.Storage(database: "5Gi", uploads: "5Gi")
        )
        try await records.report(WorkerReport(worker: "w", version: "v4", slots: 1, busy: 0, kubernetes: true, helm: true), charts: [chart])
        let (made, creation) = try await records.accepted("Acme")
        let first = try await records.claimed(creation)
        try await records.resolve(Self.spec(Self.old), values: #"{"plan": "small"}"#, under: first)
        _ = try await records.settle(first, as: Self.ready)
        try await before(made)
        guard case .accepted(let store, let job) = try await ask(records, made.id) else { throw TestSupportError(message: "not accepted") }
        let claim = try await records.claimed(job)
        try await records.enterPhase(.closing, under: claim)
        let safety = try await records.beginBackup(.preChange, under: claim)
        try await records.endBackup(safety.id, .success(contents), under: claim)
        try await records.enterPhase(.upgrading, backup: safety.id, under: claim)
        try await records.resolve(Self.spec(Self.new), values: #"{"plan": "small", "new": true}"#, under: claim)
        return (store, job, claim, safety)
    }

    private func ask(_ records: StoreRecords, _ id: StoreID, refresh: Bool = false) async throws -> ChangeOutcome {
        try await records.change(ChangeRequest(id, StoreChange(version: Self.new, readsFiles: refresh)), limits: roomy, by: tester)
    }

    private func store(_ records: StoreRecords, _ id: StoreID) async throws -> Store {
        try #require(try await records.store(id, visibleTo: nil))
    }

    @Test("a successor knows how far the upgrade is and what it goes back to; nothing else is changed meanwhile") func takenOver()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, job, claim, safety) = try await upgrading(records)
            guard
                case .notReady(let busy) = try await records.change(
                    ChangeRequest(store.id, StoreChange(plan: .large)),
                    limits: roomy,
                    by: tester
                )
            else { throw TestSupportError(message: "changed") }
            #expect(busy.changeRefusal.contains("upgraded"))
            #expect(try await self.store(records, store.id).health == nil, "nobody asks how it fares while it is closed")
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .upgrading && next.backup == safety.id && next.values.recorded?.contains("new") == true)
            try await records.enterPhase(.opening, under: next)
            #expect(try await records.settle(next, as: Self.ready) == .over(deadLettered: nil))
            let after = try await self.store(records, store.id)
            #expect(after.status == .ready && after.spec.version == Self.new && after.appliedGeneration == 2 && after.activity == nil)
            #expect(after.health?.state == .healthy)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a store that went back has its old version, and is not upgraded to the new one again unless somebody insists") func blocked()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, job, claim, safety) = try await upgrading(records)
            try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: claim)
            _ = try await records.settle(claim, as: .failed(message: "The vault is away.", permanent: false))
            _ = try await records.runNow(job.id)
            let next = try await records.claimed(job)
            #expect(next.phase == .goingBack && next.backup == safety.id && next.values.failure?.message == "It crashed.")
            // Its data is back: who takes over opens it, and loads nothing over what is sold meanwhile.
            try await records.enterPhase(.reopening, under: next)
            _ = try await records.settle(next, as: .again(after: .zero, reason: "its worker was stopped"))
            let last = try await records.claimed(job)
            #expect(last.phase == .reopening && last.values.failure?.message == "It crashed.")
            // An attempt that goes on says again what it goes back to.
            try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: last)
            #expect(try await records.takenBackup(.preChange, under: last)?.id == safety.id)
            _ = try await records.settle(last, as: Self.wentBack)
            let after = try await self.store(records, store.id)
            #expect(after.status == .ready && after.spec.version == Self.old && after.changeError?.failure.code == "crash-loop")
            guard case .blocked = try await ask(records, store.id) else { throw TestSupportError(message: "not refused") }
            guard case .accepted(let again, _) = try await ask(records, store.id, refresh: true) else {
                throw TestSupportError(message: "refused")
            }
            #expect(again.spec.version == Self.new)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a change that comes in the middle, as a domain does, waits for the upgrade's end, and does not ask for a version that went back")
    func meanwhile() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, job, claim, safety) = try await upgrading(records)
            _ = try await pool.query(
                "SELECT queue_change(s, spec_of(s), s.pinned, false, 'grace', NULL, 2, false) FROM lock_any_store(\(store.id.rawValue)) s"
            )
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .upgrading && next.backup == safety.id && next.values.recorded?.contains("new") == true)
            // The hosts are others now, so the successor makes values anew, for the newer generation.
            try await records.resolve(Self.spec(Self.new), values: #"{"plan": "small", "new": true}"#, under: next)
            try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: next)
            guard case .queued(let again) = try await records.settle(next, as: Self.wentBack) else {
                throw TestSupportError(message: "the change was forgotten")
            }
            let after = try await self.store(records, store.id)
            #expect(after.spec.version == Self.old && after.generation == 3)
            let last = try await records.claimed(again)
            #expect(last.phase == nil && last.backup == nil && !last.values.changesVersion(to: last.store.spec))
            #expect(last.values.recorded == nil, "what went back would be installed in the open")
            guard case .blocked = try await ask(records, store.id) else { throw TestSupportError(message: "not refused") }
        }
    }

    @Test("a change that comes when the store opens waits as well: no backup is loaded over what is sold", arguments: [true, false])
    func opened(isProved: Bool) async throws {
        try await withRecords { (records, pool) async throws in
            let (store, job, claim, _) = try await upgrading(records)
            if !isProved { try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: claim) }
            try await records.enterPhase(isProved ? .opening : .reopening, under: claim)
            _ = try await pool.query(
                "SELECT queue_change(s, spec_of(s), s.pinned, false, 'grace', NULL, 2, false) FROM lock_any_store(\(store.id.rawValue)) s"
            )
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == (isProved ? .opening : .reopening))
            #expect((next.values.failure == nil) == isProved)
            guard case .queued(let again) = try await records.settle(next, as: isProved ? Self.ready : Self.wentBack) else {
                throw TestSupportError(message: "the change was forgotten")
            }
            let last = try await records.claimed(again)
            #expect(last.phase == nil && last.backup == nil && last.store.generation == 3)
            #expect(try await self.store(records, store.id).spec.version == (isProved ? Self.new : Self.old))
        }
    }

    @Test("a change that comes while the store is closed and not saved yet does not make anybody forget that it is closed")
    func closed() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, job, claim, _) = try await upgrading(records)
            try await pool.query("UPDATE jobs SET phase = 'closing', backup_id = NULL WHERE id = \(job.id.rawValue)")
            _ = try await pool.query(
                "SELECT queue_change(s, spec_of(s), s.pinned, false, 'grace', NULL, 2, false) FROM lock_any_store(\(store.id.rawValue)) s"
            )
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .closing && next.store.generation == 3)
            _ = try await records.settle(next, as: .cancelled(reason: "An operator said so."))
            #expect(try await self.store(records, store.id).status == .failed, "nobody is let in, so it is not ready")
        }
    }

    @Test("a change that went back and was none of the version blocks nothing, and no later version is let through for it") func others()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let (store, _, claim, _) = try await upgrading(records) { made in
                let larger = ChangeRequest(made.id, StoreChange(plan: .large))
                guard case .accepted(_, let job) = try await records.change(larger, limits: roomy, by: tester) else {
                    throw TestSupportError(message: "not accepted")
                }
                let claim = try await records.claimed(job)
                try await records.goBack(to: Self.spec(Self.old), after: "There is no room.", under: claim)
                _ = try await records.settle(claim, as: Self.wentBack)
            }
            try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: claim)
            _ = try await records.settle(claim, as: Self.wentBack)
            guard case .blocked = try await ask(records, store.id) else { throw TestSupportError(message: "not refused") }
            #expect(
                try await pool.query("SELECT array_to_string(blocked_versions, ',', 'NULL') AS all FROM stores").first?["all"] == "1.3.0"
            )
        }
    }

    @Test(
        "what went back for want of room, of a chart or of a count is not held against the version",
        arguments: ["unschedulable", "chart-missing", "not-counted"]
    )
    func noRoom(code: String) async throws {
        try await withRecords { (records, _) async throws in
            let (store, _, claim, _) = try await upgrading(records)
            try await records.goBack(to: Self.spec(Self.old), after: "There is no room.", under: claim)
            let change = ChangeFailure(code: code, message: "There is no room.")
            _ = try await records.settle(claim, as: .ready(url: "http://acme.localhost", engineVersion: nil, change: change))
            guard case .accepted = try await ask(records, store.id) else { throw TestSupportError(message: "refused") }
        }
    }

    @Test("an upgrade that fails before it is proved leaves the store failed, and its retry goes on with the same backup") func retried()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, job, claim, safety) = try await upgrading(records)
            _ = try await records.settle(claim, as: .failed(message: "The cluster is away for good.", permanent: true))
            let failed = try await self.store(records, store.id)
            #expect(failed.status == .failed)
            guard case .notReady = try await records.change(ChangeRequest(store.id, StoreChange(plan: .large)), limits: roomy, by: tester)
            else {
                throw TestSupportError(message: "changed")
            }
            guard case .accepted(_, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                throw TestSupportError(message: "not retried")
            }
            #expect(retry.kind == .retry && retry.id != job.id)
            let next = try await records.claimed(retry)
            #expect(next.phase == .upgrading && next.backup == safety.id)
            // Nobody forgets a backup that is the way back.
            #expect(try await records.forgetBackups([safety.id], under: next) == [safety.id])
            try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: next)
            _ = try await records.settle(next, as: Self.wentBack)
            let after = try await self.store(records, store.id)
            #expect(after.status == .ready && after.spec.version == Self.old)
            guard case .blocked = try await ask(records, store.id) else { throw TestSupportError(message: "not refused") }
        }
    }

    @Test(
        "a cancelled upgrade leaves the store failed, since nobody gets in; before it closed anything it stays ready",
        arguments: [true, false]
    )
    func cancelled(isClosed: Bool) async throws {
        try await withRecords { (records, _) async throws in
            let (store, job, claim, _) = try await upgrading(records)
            if !isClosed { try await records.leavePhase(under: claim) }
            _ = try await records.cancel(job.id, reason: "An operator said so.")
            _ = try await records.settle(claim, as: .cancelled(reason: "An operator said so."))
            #expect(try await self.store(records, store.id).status == (isClosed ? .failed : .ready))
        }
    }

    @Test("a store whose way back failed is restored by its retry, to the version and the backup that it had") func half() async throws {
        try await withRecords { (records, _) async throws in
            let (store, _, claim, safety) = try await upgrading(records)
            try await records.goBack(to: Self.spec(Self.old), after: "It crashed.", under: claim)
            _ = try await records.settle(claim, as: .failed(message: "The database does not start.", permanent: true))
            let failed = try await self.store(records, store.id)
            #expect(failed.status == .failed && failed.spec.version == Self.old)
            guard case .accepted(_, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else {
                throw TestSupportError(message: "not retried")
            }
            #expect(retry.kind == .restore)
            let next = try await records.claimed(retry)
            #expect(
                next.backup == safety.id && next.phase == .restoring && next.values.recorded == nil && next.store.spec.version == Self.old
            )
            _ = try await records.settle(next, as: Self.ready)
            #expect(try await self.store(records, store.id).status == .ready)
        }
    }
}
