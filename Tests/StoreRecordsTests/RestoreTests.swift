import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Restores in place, stores that are made of backups, and what a deletion keeps.
@Suite struct RestoreTests {
    private let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0")

    private func restore(_ records: StoreRecords, _ store: Store, _ backup: Backup) async throws -> (Store, JobDescriptor) {
        let outcome = try await records.restore(store.id, from: backup.id, visibleTo: nil, traceparent: nil, by: tester)
        guard case .accepted(let store, let job) = outcome else { throw TestSupportError(message: "not restored: \(outcome)") }
        return (store, job)
    }

    private func word(_ records: StoreRecords, _ store: Store, _ backup: BackupID, visibleTo: StoreAccess? = nil) async throws -> String {
        switch try await records.restore(store.id, from: backup, visibleTo: visibleTo, traceparent: nil, by: tester) {
        case .accepted: "accepted"
        case .busy: "busy"
        case .notReady: "not ready"
        case .noBackup: "no backup"
        case .notDone: "not done"
        case .newerVersion: "newer"
        case .notFound: "not found"
        }
    }

    @Test("a restore leaves a ready store ready and its generation as it was; no other change is accepted meanwhile") func inPlace()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let (asked, job) = try await restore(records, store, backup)
            #expect(asked.health == nil, "nobody asks how it fares while it is closed")
            #expect(asked.status == .ready && asked.activity == .restoring && job.kind == .restore && job.jobClass == .interactive)
            guard
                case .notReady(let busy) = try await records.change(
                    ChangeRequest(store.id, StoreChange(plan: .large)),
                    limits: roomy,
                    by: tester
                )
            else { throw TestSupportError(message: "changed") }
            #expect(busy.changeRefusal.contains("restored"))
            #expect(try await word(records, store, backup.id) == "busy")
            let claim = try await records.claimed(job)
            #expect(claim.backup == backup.id && claim.phase == nil)
            let safety = try await records.beginBackup(.preChange, under: claim)
            try await records.endBackup(safety.id, .success(contents), under: claim)
            try await records.enterPhase(.restoring, under: claim)
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .restoring && next.values.failure == nil)
            #expect(try await records.beginBackup(.preChange, under: next).id == safety.id)
            #expect(try await records.settle(next, as: ready) == .over(deadLettered: nil))
            let after = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(after.status == .ready && after.activity == nil && after.generation == 1 && after.appliedGeneration == 1)
            #expect(after.readyAt == store.readyAt && after.health?.state == .healthy)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a restore that fails for good before it touched anything leaves the store ready, with the reason") func untouched() async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let claim = try await records.claimed(try await restore(records, store, backup).1)
            _ = try await records.settle(claim, as: .failed(message: "The backup is not there any more.", permanent: true))
            let after = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(after.status == .ready && after.activity == nil && after.changeError?.failure.message.contains("not there") == true)
        }
    }

    @Test("what is loaded is whole: the next attempt opens it, and it may be backed up") func opening() async throws {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let job = try await restore(records, store, backup).1
            let claim = try await records.claimed(job)
            try await records.enterPhase(.restoring, under: claim)
            try await records.enterPhase(.opening, under: claim)
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .opening)
            _ = try await records.settle(next, as: .failed(message: "it does not serve", permanent: true))
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .failed)
            guard case .accepted = try await records.requestBackup(of: store.id) else { throw TestSupportError(message: "half restored") }
        }
    }

    @Test("a restore that failed and went back is opened by the next attempt, which tells why, and loads nothing") func reopening()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let job = try await restore(records, store, backup).1
            let claim = try await records.claimed(job)
            try await records.enterPhase(.restoring, under: claim)
            try await records.goBack(to: claim.store.spec, after: "It could not be loaded.", under: claim)
            try await records.enterPhase(.reopening, under: claim)
            _ = try await records.settle(claim, as: .again(after: .zero, reason: "its worker was stopped"))
            let next = try await records.claimed(job)
            #expect(next.phase == .reopening && next.values.failure?.message == "It could not be loaded.")
            _ = try await records.settle(next, as: .failed(message: "it does not serve", permanent: true))
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .failed)
            guard case .accepted = try await records.requestBackup(of: store.id) else { throw TestSupportError(message: "half restored") }
        }
    }

    @Test("a restore whose store is being deleted replaces nothing any more") func cancelled() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let claim = try await records.claimed(try await restore(records, store, backup).1)
            _ = try await pool.query("SELECT delete_store(\(store.id.rawValue), NULL, NULL)")
            await #expect(throws: LeaseLost.self) { try await records.enterPhase(.restoring, under: claim) }
        }
    }

    @Test("a store is restored from its own backups and from those of its owner's stores of its engine, and no newer ones") func refusals()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let (_, sister) = try await records.backedUp("Sister")
            let (_, stranger) = try await records.backedUp("Stranger", owner: "eve")
            #expect(try await word(records, store, backup.id, visibleTo: access("eve")) == "not found")
            #expect(try await word(records, store, BackupID.random()) == "no backup")
            #expect(try await word(records, store, stranger.id) == "no backup")
            try await pool.query("UPDATE stores SET engine = 'medusa' WHERE id = \(sister.store.rawValue)")
            #expect(try await word(records, store, sister.id) == "no backup")
            try await pool.query("UPDATE stores SET engine = 'woocommerce' WHERE id = \(sister.store.rawValue)")
            try await pool.query("UPDATE backups SET chart_version = '1.10.0' WHERE id = \(sister.id.rawValue)")
            #expect(try await word(records, store, sister.id) == "newer")
            try await pool.query("UPDATE backups SET chart_version = '1.1.0' WHERE id = \(sister.id.rawValue)")
            let (new, _) = try await records.accepted("New")
            #expect(try await word(records, new, sister.id) == "busy")
            let (_, unfinished, _) = try await records.asksBackup(store)
            #expect(try await word(records, store, unfinished.id) == "not done")
            #expect(try await word(records, store, sister.id) == "accepted")
        }
    }

    @Test(
        "a restore that ends before it replaced anything leaves the store ready and says so; one that was at it leaves it failed",
        arguments: [false, true],
        ["lost", "cancelled", "tried out"]
    )
    func interrupted(half: Bool, end: String) async throws {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let (_, job) = try await restore(records, store, backup)
            if end == "lost" {
                for _ in 0..<3 {
                    let claim = try await records.claimed(job)
                    if half { try await records.enterPhase(.restoring, under: claim) }
                    try await pool.query(
                        "UPDATE namespace_leases SET expires_at = clock_timestamp() - interval '1 minute' WHERE isfinite(expires_at)"
                    )
                    _ = try await records.releaseLapsed()
                }
            } else {
                let claim = try await records.claimed(job)
                if half { try await records.enterPhase(.restoring, under: claim) }
                if end == "tried out" { try await pool.query("UPDATE jobs SET attempt = max_attempts WHERE id = \(job.id.rawValue)") }
                let settlement = end == "cancelled" ? AttemptOutcome.cancelled(reason: "stopped") : .failed(message: "no", permanent: false)
                _ = try await records.settle(claim, as: settlement)
            }
            let told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == (half ? .failed : .ready) && (told.changeError == nil) == half && told.activity == nil)
            #expect(try await records.inconsistencies().isEmpty)
            guard half else { return }
            // Nothing but a restore or a deletion ends that.
            guard case .notReady = try await records.requestBackup(of: store.id) else { throw TestSupportError(message: "saved") }
            guard
                case .notReady = try await records.change(
                    ChangeRequest(store.id, StoreChange(plan: .large)),
                    limits: roomy,
                    by: tester
                )
            else { throw TestSupportError(message: "changed") }
            guard case .accepted(let retried, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester)
            else {
                throw TestSupportError(message: "not retried")
            }
            #expect(retried.status == .provisioning && retry.kind == .restore)
            let again = try await records.claimed(retry)
            #expect(again.backup == backup.id && again.phase == .restoring)
            _ = try await records.settle(again, as: .failed(message: "still not", permanent: true))
            // Another backup goes on where that one was left.
            _ = try await restore(records, store, backup)
            guard
                case .accepted(_, let deletion, _) = try await records.delete(
                    store.id,
                    keeping: .backups(days: 7, final: true),
                    visibleTo: nil,
                    traceparent: nil,
                    by: tester
                )
            else { throw TestSupportError(message: "not deleted") }
            #expect(try await !records.claimed(deletion).wantsFinalBackup, "what is half of each is not saved")
        }
    }

    @Test("a failed store is restored by way of provisioning, and so is one whose namespace was removed", arguments: [false, true])
    func failed(drifted: Bool) async throws {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            if drifted {
                try await pool.query(
                    "UPDATE stores SET health = 'degraded', health_cause = 'gone', drift = 'namespace' WHERE id = \(store.id.rawValue)"
                )
            } else {
                try await pool.query("UPDATE stores SET status = 'failed', error_message = 'broken' WHERE id = \(store.id.rawValue)")
            }
            let (asked, job) = try await restore(records, store, backup)
            #expect(asked.status == .provisioning && asked.activity == nil && asked.errorMessage == nil)
            let claim = try await records.claimed(job)
            _ = try await records.settle(claim, as: .failed(message: "no room", permanent: true))
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .failed)
            guard case .accepted(_, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester) else {
                throw TestSupportError(message: "not retried")
            }
            #expect(retry.kind == .restore)
            _ = try await records.settle(try await records.claimed(retry), as: ready)
            let after = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(after.status == .ready && after.appliedGeneration == after.generation)
        }
    }

    @Test("a restore that failed but brought back what was there tells it, and keeps the generation") func broughtBack() async throws {
        try await withRecords { (records, _) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            let (_, job) = try await restore(records, store, backup)
            let kept = ChangeFailure(code: "load-failed", message: "The dump could not be loaded.")
            _ = try await records.settle(
                try await records.claimed(job),
                as: .ready(url: "http://acme.localhost", engineVersion: nil, change: kept)
            )
            let told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.changeError?.failure == kept && told.appliedGeneration == 1 && told.activity == nil)
            #expect(told.spec == store.spec)
        }
    }

    @Test("what was taken back does not count as applied when a restore or a retry makes the store ready", arguments: [false, true])
    func takenBack(retried: Bool) async throws {
        try await withRecords { (records, pool) async throws in
            let (store, backup) = try await records.backedUp("Acme")
            func change(_ plan: StorePlan, as settlement: AttemptOutcome) async throws {
                let request = ChangeRequest(store.id, StoreChange(plan: plan))
                guard case .accepted(_, let job) = try await records.change(request, limits: roomy, by: tester) else {
                    throw TestSupportError(message: "not changed")
                }
                _ = try await records.settle(try await records.claimed(job), as: settlement)
            }
            let kept = AttemptOutcome.ready(
                url: "http://acme.localhost",
                engineVersion: nil,
                change: ChangeFailure(code: "unschedulable", message: "No node has room.")
            )
            try await change(.large, as: kept)
            if retried {
                try await pool.query("UPDATE stores SET health = 'degraded', drift = 'release' WHERE id = \(store.id.rawValue)")
                guard case .accepted(_, let job) = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester) else {
                    throw TestSupportError(message: "not retried")
                }
                let (_, other) = try await records.accepted("Other")
                let claims = [try await records.claimed(job), try await records.claimed(other)]
                _ = try await records.settle(claims.map { ($0, ready) })
            } else {
                let (_, job) = try await restore(records, store, backup)
                _ = try await records.settle(try await records.claimed(job), as: ready)
            }
            var told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.spec.plan == .small && told.appliedGeneration == 1)
            // The next one that fails goes back to what there is, not to what was once wanted.
            try await change(.medium, as: kept)
            told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.spec.plan == .small)
        }
    }

    @Test(
        "a store that is made of a backup has room for it and another password, and waits until the backup is done",
        arguments: [false, true]
    )
    func copies(together: Bool) async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            let (_, backup, backing) = try await records.asksBackup(store)
            let request = NewStore(
                name: try StoreName("Copy"),
                engine: .woocommerce,
                owner: store.owner,
                source: .backup(backup.id),
                isStaging: true,
                action: "store.clone",
                plan: .medium
            )
            let (copy, job) = try await records.accepted(request)
            #expect(copy.restoredFrom == backup.id && copy.spec.isStaging && copy.spec.adminRevision == 1 && copy.spec.plan == .medium)
            #expect(copy.spec.database == store.spec.database && copy.spec.uploads == store.spec.uploads && copy.spec.version == nil)
            #expect(try await records.auditEntries(AuditQuery(action: "store.clone", limit: 9)).map(\.target) == [copy.id.rawValue])
            func outcome() async throws -> ClaimOutcome {
                if !together { return try await records.claim(job, worker: "w", times: LeaseTimes(), limits: ClassLimits(interactive: 9)) }
                let (_, other) = try await records.accepted("Other \(StoreID.random())")
                let outcomes = try await records.claim(
                    [job, other].map { ClaimRequest($0) },
                    worker: "w",
                    times: LeaseTimes(),
                    limits: ClassLimits(interactive: 9)
                )
                return try outcomes[0].get()
            }
            guard case .notYet = try await outcome() else { throw TestSupportError(message: "it does not wait") }
            let claim = try await records.claimed(backing)
            _ = try await records.beginBackup(.manual, under: claim)
            try await records.endBackup(backup.id, .success(contents), under: claim)
            guard case .claimed(let made) = try await outcome() else { throw TestSupportError(message: "it waits") }
            #expect(made.store.restoredFrom == backup.id && made.store.spec.isStaging)
            _ = try await records.settle(made, as: .failed(message: "no", permanent: true))
            // A retry keeps the room.
            guard case .accepted(let retried, _) = try await records.retry(copy.id, visibleTo: nil, traceparent: nil, by: tester) else {
                throw TestSupportError(message: "not retried")
            }
            #expect(retried.spec.database == store.spec.database && retried.restoredFrom == backup.id)
        }
    }

    @Test("a store whose backup failed is claimed, to say so") func hopeless() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            let (_, backup, backing) = try await records.asksBackup(store)
            let request = NewStore(name: try StoreName("Copy"), engine: .woocommerce, owner: store.owner, source: .backup(backup.id))
            let (_, job) = try await records.accepted(request)
            _ = try await records.settle(try await records.claimed(backing), as: .failed(message: "The vault is away.", permanent: true))
            let claim = try await records.claimed(job)
            #expect(try await records.backup(#require(claim.store.restoredFrom))?.failure?.message == "The vault is away.")
        }
    }

    private func gone(_ records: StoreRecords, _ store: Store, keeping: DeleteKeeping) async throws {
        guard
            case .accepted(_, let job, _) = try await records.delete(
                store.id,
                keeping: keeping,
                visibleTo: nil,
                traceparent: nil,
                by: tester
            )
        else { throw TestSupportError(message: "not deleted") }
        let claim = try await records.claimed(job)
        if claim.wantsFinalBackup {
            try await records.endBackup(try await records.beginBackup(.final, under: claim).id, .success(contents), under: claim)
        }
        _ = try await records.settle(claim, as: .gone)
    }

    @Test("a deletion keeps the store's backups for its days, and it can be brought back; a purge keeps nothing") func kept() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await records.serving("Acme")
            _ = try await records.keepBackupKey(SealedText(key: "a", text: "sealed"), of: store.id)
            try await gone(records, store, keeping: .backups(days: 7, final: true))
            let (_, purged) = try await records.backedUp("Purged")
            try await gone(records, try #require(try await records.store(purged.store, visibleTo: nil)), keeping: .nothing)
            #expect(try await records.deletedStore(purged.store, visibleTo: nil) == .notFound)
            #expect(try await records.backupAndStore(purged.id) == nil)
            #expect(try await records.storesToPurge(at: Date(), limit: 9) == [purged.store])
            #expect(try await records.purge(purged.store))
            #expect(try await records.storesToPurge(at: Date(), limit: 9).isEmpty)

            let deleted = try await records.deletedStores(of: UserID("ada"))
            #expect(deleted.map(\.id) == [store.id] && deleted.first?.backup.kind == .final && deleted.first?.namespace == store.namespace)
            let until = try #require(deleted.first?.keptUntil)
            #expect(abs(until.timeIntervalSinceNow - 7 * 86_400) < 3_600)
            #expect(try await records.deletedStores(of: UserID("eve")).isEmpty)
            #expect(try await records.deletedStore(store.id, visibleTo: access("eve")) == .notFound)
            #expect(try await !records.purge(store.id))
            #expect(try await records.storesToPurge(at: until.addingTimeInterval(1), limit: 9) == [store.id])

            // It comes back as a new store in its old place, and what it is made of stays until it is there.
            let found = try #require(deleted.first)
            let request = NewStore(
                name: found.name,
                engine: found.engine,
                owner: found.owner,
                formerNamespace: found.namespace,
                source: .backup(found.backup.id),
                undeletes: found.id,
                action: "store.undelete",
                plan: found.plan
            )
            let (back, job) = try await records.accepted(request)
            #expect(back.namespace == store.namespace && back.id != store.id)
            #expect(try await records.deletedStore(store.id, visibleTo: nil) == .broughtBack(back.id))
            #expect(try await records.storesToPurge(at: until.addingTimeInterval(1), limit: 9).isEmpty)
            _ = try await records.settle(try await records.claimed(job), as: ready)
            #expect(try await records.storesToPurge(at: until.addingTimeInterval(1), limit: 9) == [store.id])
            // The slug is taken now: another time it is suffixed.
            var copy = request
            copy.undeletes = nil
            #expect(try await records.accepted(copy).0.namespace != store.namespace)

            try await pool.query("UPDATE stores SET kept_until = clock_timestamp() - interval '1 second' WHERE id = \(store.id.rawValue)")
            #expect(try await records.deletedStores(of: nil).isEmpty)
            #expect(try await records.purge(store.id))
            #expect(try await records.backups(of: store.id).isEmpty)
            #expect(try await records.backupKey(of: store.id) == nil)
        }
    }

    @Test("of a store without a backup nothing is kept, and a store's time may pass") func nothingKept() async throws {
        try await withRecords { (records, pool) async throws in
            let (new, job) = try await records.accepted("New")
            _ = try await records.settle(try await records.claimed(job), as: .failed(message: "no", permanent: true))
            try await gone(records, new, keeping: .backups(days: 7, final: true))
            #expect(try await records.backups(of: new.id).isEmpty)
            #expect(try await records.deletedStores(of: nil).isEmpty)
            let (store, _) = try await records.backedUp("Acme")
            try await gone(records, store, keeping: .backups(days: 1, final: false))
            #expect(try await records.deletedStores(of: nil).map(\.backup.kind) == [.manual])
            try await pool.query("UPDATE stores SET kept_until = clock_timestamp() - interval '1 second' WHERE id = \(store.id.rawValue)")
            #expect(try await records.deletedStore(store.id, visibleTo: nil) == .keptNoLonger)
            await #expect(throws: PostgresError.self, "nothing else of it changes") {
                try await pool.query("UPDATE stores SET name = 'Other' WHERE id = \(store.id.rawValue)")
            }
            // Its row stays as long as its backups.
            try await pool.query("DELETE FROM jobs WHERE store_id = \(store.id.rawValue)")
            try await pool.query("DELETE FROM store_history WHERE store_id = \(store.id.rawValue)")
            try await pool.query("DELETE FROM health_history WHERE store_id = \(store.id.rawValue)")
            #expect(try await records.prune(.stores, by: Retention(history: .zero)) == 0)
            _ = try await records.purge(store.id)
            #expect(try await records.prune(.stores, by: Retention(history: .zero)) == 1)
        }
    }

    @Test("a final backup that failed is the owner's to decide: a retry takes it again, a purge does without; one that is done stays")
    func final()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            func delete(_ keeping: DeleteKeeping) async throws -> DeleteOutcome {
                try await records.delete(store.id, keeping: keeping, visibleTo: nil, traceparent: nil, by: tester)
            }
            guard case .accepted(_, let job, _) = try await delete(.backups(days: 7, final: true)) else {
                throw TestSupportError(message: "1")
            }
            var claim = try await records.claimed(job)
            #expect(claim.wantsFinalBackup)
            var backup = try await records.beginBackup(.final, under: claim)
            try await records.endBackup(backup.id, .failure(BackupFailure(code: "vault-away", message: "away")), under: claim)
            _ = try await records.settle(claim, as: .failed(message: "The final backup failed.", permanent: true))
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .failed)
            guard case .accepted(_, let retry) = try await records.retry(store.id, visibleTo: nil, traceparent: nil, by: tester) else {
                throw TestSupportError(message: "2")
            }
            claim = try await records.claimed(retry)
            #expect(claim.wantsFinalBackup && claim.descriptor.kind == .delete)
            backup = try await records.beginBackup(.final, under: claim)
            try await records.endBackup(backup.id, .success(contents), under: claim)
            _ = try await records.settle(claim, as: .failed(message: "The namespace stays.", permanent: true))
            guard case .accepted(_, let third, _) = try await delete(.backups(days: 7, final: true)) else {
                throw TestSupportError(message: "3")
            }
            claim = try await records.claimed(third)
            #expect(!claim.wantsFinalBackup, "it was saved before anything of it was removed")
            guard case .alreadyDeleting = try await delete(.nothing) else { throw TestSupportError(message: "4") }
            _ = try await records.settle(claim, as: .gone)
            #expect(try await records.deletedStores(of: nil).isEmpty, "the purge counts, though the deletion ran")
            #expect(try await records.storesToPurge(at: Date(), limit: 9) == [store.id])
        }
    }

    @Test("a store that is kept is purged on demand, once") func purgeLater() async throws {
        try await withRecords { (records, _) async throws in
            let (store, _) = try await records.backedUp("Acme")
            try await gone(records, store, keeping: .backups(days: 7, final: false))
            func purge(_ user: String?) async throws -> DeleteOutcome {
                try await records.delete(
                    store.id,
                    keeping: .nothing,
                    visibleTo: user.flatMap { UserID($0) }.map { StoreAccess($0, .owner) },
                    traceparent: nil,
                    by: tester
                )
            }
            guard case .notFound = try await purge("eve") else { throw TestSupportError(message: "another's") }
            guard case .purged = try await purge("ada") else { throw TestSupportError(message: "not purged") }
            guard case .notFound = try await purge("ada") else { throw TestSupportError(message: "twice") }
            #expect(try await records.storesToPurge(at: Date(), limit: 9) == [store.id])
            let audited = try await records.auditEntries(AuditQuery(action: "store.purge", limit: 9)).map(\.detail)
            #expect(audited == ["not_found", "purged", "not_found"])
        }
    }

    @Test("what can be brought back becomes the new owner's with everything else of the old one's") func mapped() async throws {
        try await withRecords { (records, _) async throws in
            let (store, _) = try await records.backedUp("Acme")
            try await gone(records, store, keeping: .backups(days: 7, final: false))
            let (ada, account) = (try #require(UserID("ada")), try #require(UserID("u-ada")))
            #expect(try await records.mapOwner(ada, to: account, by: tester) == 0)
            #expect(try await records.deletedStores(of: account).map(\.id) == [store.id])
            #expect(try await records.deletedStores(of: ada).isEmpty)
        }
    }

    @Test("whether anybody keeps backups is what workers last said") func keepers() async throws {
        try await withRecords { (records, pool) async throws in
            #expect(try await !records.keepsBackups())
            func report(_ worker: String, _ keeps: Bool) async throws {
                let report = WorkerReport(
                    worker: worker,
                    version: "v4",
                    slots: 1,
                    busy: 0,
                    kubernetes: true,
                    helm: true,
                    keepsBackups: keeps
                )
                try await records.report(report, charts: [])
            }
            try await report("w1", false)
            #expect(try await !records.keepsBackups())
            try await report("w2", true)
            #expect(try await records.keepsBackups())
            try await pool.query("UPDATE worker_reports SET reported_at = clock_timestamp() - interval '31 seconds'")
            #expect(try await !records.keepsBackups())
            #expect(try await records.keepsBackups(within: .days(1)), "it may just be restarted")
        }
    }
}
