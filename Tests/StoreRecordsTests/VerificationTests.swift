import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Test restores into hidden stores.
@Suite struct VerificationTests {
    private let patience = Duration.seconds(3_600)

    private func begun(_ records: StoreRecords, _ backup: Backup, next: Date? = nil) async throws -> (Store, JobDescriptor) {
        guard case .accepted(let store, let job) = try await records.beginVerification(of: backup.id, next: next) else {
            throw TestSupportError(message: "no test was begun")
        }
        return (store, job)
    }

    @Test("a hidden store counts nowhere and is listed nowhere, and goes with all that it has once it is ready") func life() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let limits = StoreLimits(total: 9, perUser: 9)
            let before = try await records.usage(of: UserID("ada"), role: .user, limits: limits)
            let stores = try await records.figures().filter { $0.name == "stores" }
            let cursor = try await records.cursor()
            let (hidden, job) = try await begun(records, backup)
            #expect(hidden.isVerification && hidden.spec.isStaging && hidden.owner == nil && hidden.restoredFrom == backup.id)
            #expect(hidden.spec.database == store.spec.database && hidden.spec.adminRevision == backup.adminRevision + 1)
            #expect(job.jobClass == .background && job.kind == .provision)
            guard case .running = try await records.beginVerification(of: backup.id, next: nil) else {
                throw TestSupportError(message: "two")
            }
            #expect(try await records.usage(of: UserID("ada"), role: .user, limits: limits) == before)
            #expect(try await records.list(StoreQuery()).stores.map(\.id) == [store.id])
            #expect(try await records.stores(changedSince: cursor, visibleTo: nil, limit: 9).stores.allSatisfy { $0.store.id == store.id })
            let claim = try await records.claimed(job)
            #expect(claim.store.isVerification && !claim.everReady)
            let spec = StoreSpec(version: ChartVersion("1.2.0"), host: "test-restore.localhost")
            try await records.resolve(spec, values: "{}", under: claim)
            #expect(try await records.store(atHost: "test-restore.localhost") == nil)
            #expect(try await records.endVerification(hidden.id, patience: patience) == .waits)
            _ = try await records.settle(claim, as: .ready(url: "http://x", engineVersion: nil))
            #expect(try await records.figures().filter { $0.name == "stores" } == stores)
            #expect(try await records.dueBackups(at: Date() + 86_400, limit: 9).map(\.store) == [store.id])
            guard case .done(backup.id, let removal, cancelling: []) = try await records.endVerification(hidden.id, patience: patience)
            else {
                throw TestSupportError(message: "not done")
            }
            #expect(try await records.endVerification(hidden.id, patience: patience) == .waits)
            _ = try await records.settle(try await records.claimed(removal), as: .gone)
            #expect(try await records.endVerification(hidden.id, patience: patience) == .gone)
            #expect(try await records.verifications().isEmpty)
            #expect(try await records.deletedStores(of: nil).isEmpty)
            #expect(try await records.storesToPurge(at: Date() + 9, limit: 9).isEmpty)
            #expect(try await records.usage(of: UserID("ada"), role: .user, limits: limits) == before)
            let tested = try #require(try await records.backup(backup.id))
            #expect(tested.verifiedAt != nil && tested.verifyError == nil)
            #expect(try await records.inconsistencies().isEmpty)
            #expect(try await records.figures().first { $0.name == "test_restores" }?.labels == ["last": "done"])
        }
    }

    @Test("a test that fails is told with the backup, and repeated after a day; a removal that failed is repeated, too") func failure()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let (hidden, job) = try await begun(records, backup, next: Date() + 30 * 86_400)
            let claim = try await records.claimed(job)
            try await records.noteUnrestorable("The dump is of no use.", under: claim)
            _ = try await records.settle(claim, as: .failed(message: "It failed.", permanent: true))
            guard
                case .failed(backup.id, "The dump is of no use.", let removal, _) = try await records.endVerification(
                    hidden.id,
                    patience: patience
                )
            else { throw TestSupportError(message: "not failed") }
            let tested = try #require(try await records.backup(backup.id))
            #expect(tested.verifiedAt == nil && tested.verifyError == "The dump is of no use.")
            #expect(try await records.unverified(since: Date(timeIntervalSince1970: 0)).map(\.store) == [store.id])
            #expect(try await records.dueVerification(at: Date() + 86_300) == nil)
            #expect(try await records.dueVerification(at: Date() + 86_500) == backup.id)
            _ = try await records.settle(try await records.claimed(removal), as: .failed(message: "It does not go.", permanent: true))
            #expect(try await records.endVerification(hidden.id, patience: patience) == .waits)
            try await pool.query("UPDATE jobs SET finished_at = now() - interval '11 minutes' WHERE kind = 'delete'")
            guard case .removedAgain(let again) = try await records.endVerification(hidden.id, patience: patience) else {
                throw TestSupportError(message: "it stays")
            }
            _ = try await records.settle(try await records.claimed(again), as: .gone)
            #expect(try await records.backup(backup.id)?.verifyError == "The dump is of no use.", "the removal says nothing of the test")
            // The next one that can be restored ends the alarm.
            let (other, next) = try await begun(records, backup)
            _ = try await records.settle(try await records.claimed(next), as: .ready(url: "http://x", engineVersion: nil))
            _ = try await records.endVerification(other.id, patience: patience)
            #expect(try await records.unverified(since: Date() - 60).isEmpty)
        }
    }

    @Test("what comes after all is loaded is the backup's failure, unless somebody ended the job") func afterTheLoad() async throws {
        try await withRecords { (records, _) async throws in
            let (_, backup) = try await records.backedUp("Acme")
            let ends: [AttemptOutcome] = [
                .failed(message: "It does not sell.", permanent: true), .cancelled(reason: "An operator did it."),
            ]
            for end in ends {
                let (hidden, job) = try await begun(records, backup)
                let claim = try await records.claimed(job)
                try await records.enterPhase(.opening, under: claim)
                _ = try await records.settle(claim, as: end)
                let removal: JobDescriptor
                switch (end, try await records.endVerification(hidden.id, patience: patience)) {
                case (.failed, .failed(backup.id, "It does not sell.", let job, _)): removal = job
                case (.cancelled, .untried(backup.id, _, let job, _)): removal = job
                case (_, let other): throw TestSupportError(message: "\(other)")
                }
                _ = try await records.settle(try await records.claimed(removal), as: .gone)
            }
        }
    }

    @Test("what keeps a test from being made says nothing of the backup, and it is tried again after an hour") func untried() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            func verdicts() async throws -> [String?] {
                let found = try #require(try await records.backup(backup.id))
                return [found.verifyError, found.untested]
            }
            let (hidden, job) = try await begun(records, backup, next: Date() + 30 * 86_400)
            _ = try await records.settle(try await records.claimed(job), as: .failed(message: "The vault is away.", permanent: true))
            guard
                case .untried(backup.id, "The vault is away.", let removal, _) = try await records.endVerification(
                    hidden.id,
                    patience: patience
                )
            else { throw TestSupportError(message: "not untried") }
            #expect(try await verdicts() == [nil, "The vault is away."])
            #expect(try await records.unverified(since: Date(timeIntervalSince1970: 0)).isEmpty)
            #expect(try await records.unverified(since: Date() + 9).map(\.failure) == ["The vault is away."])
            #expect(try await records.figures().allSatisfy { $0.name != "test_restores" })
            #expect(try await records.dueVerification(at: Date() + 3_500) == nil)
            #expect(try await records.dueVerification(at: Date() + 3_700) == backup.id)
            _ = try await records.settle(try await records.claimed(removal), as: .gone)
            // The queue is paused: none begins, and one that waits is given up without a verdict.
            let (waiting, queued) = try await begun(records, backup)
            try await records.pause(by: "test", reason: "maintenance")
            #expect(try await records.dueVerification(at: Date() + 90 * 86_400) == nil)
            try await pool.query("UPDATE stores SET created_at = now() - interval '2 hours' WHERE id = \(waiting.id.rawValue)")
            guard
                case .untried(_, let reason, let again, cancelling: [queued.id]) = try await records.endVerification(
                    waiting.id,
                    patience: patience
                )
            else { throw TestSupportError(message: "not untried") }
            #expect(reason.contains("did not begin"))
            _ = try await records.resume()
            _ = try await records.settle(try await records.claimed(again), as: .gone)
            // One that can be made ends the note.
            let (other, next) = try await begun(records, backup)
            _ = try await records.settle(try await records.claimed(next), as: .ready(url: "http://x", engineVersion: nil))
            _ = try await records.endVerification(other.id, patience: patience)
            #expect(try await verdicts() == [nil, nil] && store.id == backup.store)
        }
    }

    @Test("a test whose workers were lost, or which takes too long, ends as well") func lost() async throws {
        try await withRecords { (records, pool) async throws in
            let (_, backup) = try await records.backedUp("Acme")
            let (hidden, job) = try await begun(records, backup)
            for _ in 0..<3 {
                _ = try await records.claimed(job, times: LeaseTimes(lease: .zero))
                _ = try await records.releaseLapsed()
            }
            guard case .untried(_, let reason, let removal, _) = try await records.endVerification(hidden.id, patience: patience) else {
                throw TestSupportError(message: "not untried")
            }
            #expect(reason.contains("3 workers were lost"))
            _ = try await records.settle(try await records.claimed(removal), as: .gone)
            let (slow, making) = try await begun(records, backup)
            let claim = try await records.claimed(making)
            try await pool.query("UPDATE stores SET created_at = now() - interval '2 hours' WHERE id = \(slow.id.rawValue)")
            guard case .untried(_, _, _, cancelling: [making.id]) = try await records.endVerification(slow.id, patience: patience) else {
                throw TestSupportError(message: "it goes on")
            }
            _ = try await records.settle(claim, as: .cancelled(reason: "deleted"))
        }
    }

    @Test("what a hidden store is made of is not forgotten, and only what is done of a living store is tested") func refusals() async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            _ = try await begun(records, backup)
            let nightly = try #require(try await records.nightly(store.id))
            let claim = try await records.claimed(nightly)
            #expect(try await records.forgetBackups([backup.id], under: claim).contains(backup.id))
            let running = try #require(try await records.backups(of: store.id).first { $0.status == .running })
            guard case .notDone = try await records.beginVerification(of: running.id, next: nil) else {
                throw TestSupportError(message: "running")
            }
            guard case .noBackup = try await records.beginVerification(of: .random(), next: nil) else {
                throw TestSupportError(message: "none")
            }
        }
    }

    @Test("whoever names a hidden store is told that there is none, operators too, and nothing becomes of it") func hiddenFromAll()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let (_, backup) = try await records.backedUp("Acme")
            let (hidden, _) = try await begun(records, backup)
            let id = hidden.id
            let before = try await pool.query("SELECT (SELECT count(*) FROM jobs) AS jobs, (SELECT max(generation) FROM stores) AS newest")
                .first
            func isNotFound(_ outcome: some Any) -> Bool { "\(outcome)".hasPrefix("notFound") }
            #expect(isNotFound(try await records.delete(id, visibleTo: nil, traceparent: nil, by: tester)))
            #expect(isNotFound(try await records.retry(id, visibleTo: nil, traceparent: nil, by: tester)))
            #expect(isNotFound(try await records.recreate(id, visibleTo: nil, traceparent: nil, by: tester)))
            #expect(isNotFound(try await records.requestBackup(of: id, visibleTo: nil, traceparent: nil, by: tester)))
            #expect(isNotFound(try await records.requestExport(of: id, backup: nil, visibleTo: nil, traceparent: nil, by: tester)))
            #expect(isNotFound(try await records.restore(id, from: backup.id, visibleTo: nil, traceparent: nil, by: tester)))
            #expect(isNotFound(try await records.recover(id, by: tester)))
            #expect(try await records.store(id, visibleTo: nil) == nil)
            #expect(try await !records.sees(id, nil))
            #expect(try await records.healthHistory(of: id, visibleTo: nil) == nil)
            #expect(try await records.attempts(of: id, visibleTo: nil) == nil)
            let after = try await pool.query("SELECT (SELECT count(*) FROM jobs) AS jobs, (SELECT max(generation) FROM stores) AS newest")
                .first
            #expect(try before?["jobs"] as Int? == after?["jobs"] as Int? && before?["newest"] as Int64? == after?["newest"] as Int64?)
            #expect(try await records.verifications() == [id])
        }
    }

    @Test("each store has a time of its own within the period, from its first backup on; with none there are no times") func times()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            _ = try await records.serving("New")
            let (store, backup) = try await records.backedUp("Acme")
            let second = try await records.takesBackup(store)
            #expect(second.id != backup.id)
            try await records.noteVerifications(every: .days(30))
            let noted = try await pool.query("SELECT id, verify_at FROM stores WHERE verify_at IS NOT NULL")
            #expect(try noted.map { try $0["id"] as String } == [store.id.rawValue])
            let at: Date = try #require(try noted.first?["verify_at"])
            #expect((0...30 * 86_400).contains(at.timeIntervalSinceNow + 60))
            try await records.noteVerifications(every: .days(30))
            #expect(try await records.dueVerification(at: at - 1) == nil)
            #expect(try await records.dueVerification(at: at + 1) == second.id)
            #expect(try await records.figures().contains { $0.name == "backup_verified_age_seconds" })
            try await records.noteVerifications(every: nil)
            #expect(try await records.dueVerification(at: .distantFuture) == nil)
            #expect(try await !records.figures().contains { $0.name == "backup_verified_age_seconds" })
        }
    }

    @Test("a restore that has closed its store and does not come to its end leaves it failed, and whole") func closing() async throws {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            func restore() async throws -> JobDescriptor {
                guard
                    case .accepted(_, let job) = try await records.restore(
                        store.id,
                        from: backup.id,
                        visibleTo: nil,
                        traceparent: nil,
                        by: tester
                    )
                else { throw TestSupportError(message: "not restored") }
                return job
            }
            let job = try await restore()
            let claim = try await records.claimed(job)
            try await records.enterPhase(.closing, under: claim)
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .closing)
            _ = try await records.settle(next, as: .cancelled(reason: "enough"))
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .failed)
            guard case .accepted = try await records.requestBackup(of: store.id) else {
                throw TestSupportError(message: "its data is whole")
            }
            guard case .accepted(_, let again) = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester),
                again.kind == .restore
            else { throw TestSupportError(message: "another job") }
        }
    }

    @Test("a restore that opened its store again leaves it ready, whatever ends it") func reopened() async throws {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            guard
                case .accepted(_, let job) = try await records.restore(
                    store.id,
                    from: backup.id,
                    visibleTo: nil,
                    traceparent: nil,
                    by: tester
                )
            else {
                throw TestSupportError(message: "not restored")
            }
            let claim = try await records.claimed(job)
            try await records.enterPhase(.closing, under: claim)
            try await records.leavePhase(under: claim)
            _ = try await records.settle(claim, as: .cancelled(reason: "enough"))
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .ready)
        }
    }

    @Test("a deleted store is brought back once, and a copy of its backup is not that") func undeletedOnce() async throws {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            guard
                case .accepted(_, let removal, _) = try await records.delete(
                    store.id,
                    keeping: .backups(days: 7, final: false),
                    visibleTo: nil,
                    traceparent: nil,
                    by: tester
                )
            else { throw TestSupportError(message: "not deleted") }
            _ = try await records.settle(try await records.claimed(removal), as: .gone)
            func made(_ name: String, undeletes: StoreID?) throws -> NewStore {
                NewStore(
                    name: try StoreName(name),
                    engine: .woocommerce,
                    owner: store.owner,
                    source: .backup(backup.id),
                    undeletes: undeletes
                )
            }
            _ = try await records.accepted(try made("Copy", undeletes: nil))
            guard case .kept = try await records.deletedStore(store.id, visibleTo: nil) else {
                throw TestSupportError(message: "a copy counts")
            }
            let requests = try (0..<4).map { _ in try made("Acme", undeletes: store.id) }
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for request in requests {
                    group.addTask {
                        switch try await records.create(request, limits: roomy, by: tester) {
                        case .accepted: "accepted"
                        case .broughtBack: "brought back"
                        case let other: "\(other)"
                        }
                    }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(outcomes.sorted() == ["accepted", "brought back", "brought back", "brought back"])
            guard case .broughtBack = try await records.deletedStore(store.id, visibleTo: nil) else {
                throw TestSupportError(message: "not back")
            }
        }
    }
}
