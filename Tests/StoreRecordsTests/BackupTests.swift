import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Backups as jobs, and as rows that attempts fill.
@Suite struct BackupTests {
    @Test("a manual backup is a job of its own that leaves the store as it is, and its row has what the store was") func manual()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            let (asked, backup, job) = try await records.asksBackup(store)
            #expect(job.kind == .backup && job.jobClass == .interactive && asked.activity == .backingUp && asked.status == .ready)
            #expect(
                backup.kind == .manual && backup.status == .running && backup.store == store.id
                    && backup.chartVersion == ChartVersion("1.1.0")
            )
            #expect(backup.host == "acme.localhost" && backup.engineVersion == "WooCommerce 11.2.0" && backup.contents == nil)
            let claim = try await records.claimed(job)
            #expect(claim.backup == backup.id && !claim.wantsFinalBackup && claim.phase == nil && claim.store.status == .ready)
            #expect(try await records.beginBackup(.manual, under: claim).id == backup.id)
            try await records.endBackup(backup.id, .success(contents), under: claim)
            try await records.endBackup(backup.id, .failure(BackupFailure(code: "task-failed", message: "too late")), under: claim)
            // Its row is done before its job is.
            guard case .running(let ending) = try await records.requestBackup(of: store.id) else {
                throw TestSupportError(message: "at its end")
            }
            #expect(ending.id == backup.id && ending.status == .done)
            #expect(try await records.settle(claim, as: .done) == .over(deadLettered: nil))
            let done = try #require(try await records.backup(backup.id))
            #expect(done.status == .done && done.contents == contents && done.finishedAt != nil && done.failure == nil)
            let after = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(after.activity == nil && after.lastBackupAt != nil && after.generation == 1 && after.url == store.url)
            #expect(after.readyAt == store.readyAt && after.appliedGeneration == store.appliedGeneration)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a backup before an upgrade is of the version that the data has, and can be restored when the upgrade was not made")
    func versionBefore() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await records.serving("Acme")
            _ = try await pool.query(
                """
                INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm) VALUES ('w', 'v4', 1, 0, true, true);
                """
            )
            _ = try await pool.query(
                """
                INSERT INTO worker_charts (worker, engine, version, app_version, is_current, default_plan, plans, storage)
                VALUES ('w', 'woocommerce', '2.0.0', '12', true, 'small', '{}', '{}')
                """
            )
            let request = ChangeRequest(store.id, StoreChange(version: ChartVersion("2.0.0")))
            guard case .accepted(let asked, let job) = try await records.change(request, limits: roomy, by: tester) else {
                throw TestSupportError(message: "the upgrade was not accepted")
            }
            #expect(asked.spec.version == ChartVersion("2.0.0"))
            let claim = try await records.claimed(job)
            let before = try await records.beginBackup(.preChange, under: claim)
            #expect(before.chartVersion == ChartVersion("1.1.0"))
            try await records.endBackup(before.id, .success(contents), under: claim)
            let kept = ChangeFailure(code: "helm", message: "no")
            _ = try await records.settle(claim, as: .ready(url: "http://acme.localhost", engineVersion: nil, change: kept))
            guard
                case .accepted = try await records.restore(
                    store.id,
                    from: before.id,
                    visibleTo: nil,
                    traceparent: nil,
                    by: tester
                )
            else {
                throw TestSupportError(message: "the backup of before cannot be restored")
            }
        }
    }

    @Test("one backup at a time, ten a day, and none of a store without whole data") func refusals() async throws {
        try await withRecords { (records, _) async throws in
            let (new, _) = try await records.accepted("New")
            guard case .notReady = try await records.requestBackup(of: new.id) else { throw TestSupportError(message: "a new store") }
            let store = try await records.serving("Acme")
            let (_, backup, job) = try await records.asksBackup(store)
            guard case .running(let running) = try await records.requestBackup(of: store.id) else {
                throw TestSupportError(message: "second")
            }
            #expect(running.id == backup.id)
            guard case .notFound = try await records.requestBackup(of: store.id, visibleTo: access("eve")) else {
                throw TestSupportError(message: "another's")
            }
            _ = try await records.settle(try await records.claimed(job), as: .done)
            guard case .tooMany = try await records.requestBackup(of: store.id, limit: 1) else { throw TestSupportError(message: "limit") }
            #expect(try await records.backups(of: store.id).map(\.status) == [.failed], "a job that ended without its backup")
            let audited = try await records.auditEntries(AuditQuery(action: "store.backup", limit: 10))
            #expect(audited.map(\.detail) == ["too_many", "not_found", "running", "accepted", "not_ready"])
        }
    }

    @Test("a backup that somebody asked for fails at once; a nightly one is tried again, and its row runs again") func failures()
        async throws
    {
        try await withRecords { (records, _) async throws in
            let failure = BackupFailure(code: "vault-away", message: "The vault does not answer.")
            let store = try await records.serving("Acme")
            let (_, backup, job) = try await records.asksBackup(store)
            let claim = try await records.claimed(job)
            _ = try await records.beginBackup(.manual, under: claim)
            try await records.endBackup(backup.id, .failure(failure), under: claim)
            #expect(
                try await records.settle(claim, as: .failed(message: failure.message, permanent: false))
                    == .over(deadLettered: failure.message)
            )
            #expect(try await records.backup(backup.id)?.failure == failure)
            var told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.activity == nil && told.changeError == nil && told.lastBackupAt == nil)
            // An operator's replay asks for another one.
            guard case .queued(let replayed) = try await records.replay(job.id, traceparent: nil) else {
                throw TestSupportError(message: "replay")
            }
            #expect(replayed.kind == .backup && replayed.id != job.id)
            _ = try await records.settle(try await records.claimed(replayed), as: .cancelled(reason: "enough"))

            let nightly = try #require(try await records.nightly(store.id))
            let first = try await records.claimed(nightly)
            let begun = try await records.beginBackup(.nightly, under: first)
            try await records.endBackup(begun.id, .failure(failure), under: first)
            #expect(try await records.settle(first, as: .failed(message: failure.message, permanent: false)) == .queued(nightly))
            told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.activity == .backingUp)
            _ = try await records.runNow(nightly.id)
            let second = try await records.claimed(nightly)
            let again = try await records.beginBackup(.nightly, under: second)
            #expect(again.id == begun.id && again.status == .running && again.failure == nil)
            try await records.endBackup(again.id, .success(contents), under: second)
            _ = try await records.settle(second, as: .done)
            #expect(try await records.backup(begun.id)?.status == .done)
        }
    }

    @Test("a change waits for no nightly backup that is queued: it is cancelled, leaves no row, and is due again", arguments: [0, 1, 2, 3])
    func personFirst(act: Int) async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            let nightly = try #require(try await records.nightly(store.id))
            #expect(try await records.backups(of: store.id).map(\.kind) == [.nightly])
            #expect(try await records.store(store.id, visibleTo: nil)?.activity == .backingUp)
            switch act {
            case 0: _ = try await records.change(ChangeRequest(store.id, StoreChange(plan: .large)), limits: roomy, by: tester)
            case 1: _ = try await records.delete(store.id, visibleTo: nil, traceparent: nil, by: tester)
            case 2: _ = try await records.asksBackup(store)
            default:
                let (other, taken) = try await records.backedUp("Other")
                _ = try await records.restore(store.id, from: taken.id, visibleTo: nil, traceparent: nil, by: tester)
                #expect(other.owner == store.owner)
            }
            #expect(try await records.job(nightly.id)?.job.state == .cancelled)
            #expect(try await records.backups(of: store.id).filter { $0.kind == .nightly }.isEmpty)
            let told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.activity == [0: .resizing, 2: .backingUp, 3: .restoring][act])
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("a change goes beside a backup that runs, waits for its lease, and what either ends says what is left") func beside() async throws
    {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            let (_, _, job) = try await records.asksBackup(store)
            let claim = try await records.claimed(job)
            guard
                case .accepted(let changed, let change) = try await records.change(
                    ChangeRequest(store.id, StoreChange(plan: .medium)),
                    limits: roomy,
                    by: tester
                )
            else { throw TestSupportError(message: "not changed") }
            #expect(changed.activity == .resizing && change.id != job.id && change.kind == .apply)
            guard case .held = try await records.claim(change, worker: "w2", times: LeaseTimes(), limits: ClassLimits(interactive: 9))
            else {
                throw TestSupportError(message: "not held")
            }
            _ = try await records.settle(claim, as: .done)
            #expect(try await records.store(store.id, visibleTo: nil)?.activity == .resizing)
            _ = try await records.asksBackup(store)
            _ = try await records.settle(try await records.claimed(change), as: .ready(url: "http://acme.localhost", engineVersion: nil))
            let told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.activity == .backingUp && told.appliedGeneration == 2)
        }
    }

    @Test("a job's own backup is its successor's too, of its generation; one that failed is begun anew") func own() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            guard
                case .accepted(_, let job) = try await records.change(
                    ChangeRequest(store.id, StoreChange(plan: .medium)),
                    limits: roomy,
                    by: tester
                )
            else { throw TestSupportError(message: "not changed") }
            let first = try await records.claimed(job)
            let failed = try await records.beginBackup(.preChange, under: first)
            #expect(failed.kind == .preChange && failed.status == .running)
            #expect(try await records.beginBackup(.preChange, under: first).id == failed.id)
            try await records.endBackup(failed.id, .failure(BackupFailure(code: "vault-full", message: "full")), under: first)
            let taken = try await records.beginBackup(.preChange, under: first)
            #expect(taken.id != failed.id)
            _ = try await records.settle(first, as: .again(after: .zero, reason: "its worker was stopped"))
            let second = try await records.claimed(job)
            #expect(try await records.beginBackup(.preChange, under: second).id == taken.id)
            try await records.endBackup(taken.id, .success(contents), under: second)
            #expect(try await records.beginBackup(.preChange, under: second).status == .done)
            _ = try await records.change(ChangeRequest(store.id, StoreChange(plan: .large)), limits: roomy, by: tester)
            _ = try await records.settle(second, as: .ready(url: "http://acme.localhost", engineVersion: nil))
            let third = try await records.claimed(job)
            let next = try await records.beginBackup(.preChange, under: third)
            #expect(next.id != taken.id && next.status == .running)
            // A job that ends leaves no backup that is said to run.
            _ = try await records.settle(third, as: .ready(url: "http://acme.localhost", engineVersion: nil))
            #expect(try await records.backup(next.id)?.failure?.code == "task-failed")
            #expect(try await records.backups(of: store.id).map(\.id) == [next.id, taken.id, failed.id])
        }
    }

    @Test("a late attempt writes nothing of a backup") func fenced() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            let (_, backup, job) = try await records.asksBackup(store)
            let late = try await records.claimed(job, times: LeaseTimes(lease: .zero))
            await #expect(throws: LeaseLost.self) { _ = try await records.beginBackup(.manual, under: late) }
            await #expect(throws: LeaseLost.self) { try await records.endBackup(backup.id, .success(contents), under: late) }
            await #expect(throws: LeaseLost.self) { _ = try await records.forgetBackups([backup.id], under: late) }
            await #expect(throws: LeaseLost.self) { try await records.endUpkeep(damage: nil, under: late) }
            await #expect(throws: LeaseLost.self) { try await records.enterPhase(.restoring, under: late) }
            #expect(try await records.backup(backup.id)?.status == .running)
        }
    }

    @Test("nightly backups are due in their time, of sleeping stores once; what is busy is left; the next time is noted") func due()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let store = try await records.serving("Acme")
            let asleep = try await records.serving("Asleep")
            let busy = try await records.serving("Busy")
            _ = try await records.asksBackup(busy)
            let lost = try await records.serving("Lost")
            try await pool.query("UPDATE stores SET health = 'degraded', drift = 'namespace' WHERE id = \(lost.id.rawValue)")
            let (_, new) = try await records.accepted("New")
            let now = Date()
            let due = try await records.dueBackups(at: now, limit: 9)
            #expect(Set(due.map(\.store)) == [store.id, asleep.id])
            let mine = try #require(due.first { $0.store == store.id })
            guard case .accepted(let job) = try await records.queueBackup(of: mine, next: now.addingTimeInterval(60)) else {
                throw TestSupportError(message: "not queued")
            }
            #expect(job.kind == .backup && job.jobClass == .background && job.id > new.id && mine.owner == UserID("ada"))
            guard case .left = try await records.queueBackup(of: mine, next: now) else { throw TestSupportError(message: "queued twice") }
            _ = try await records.settle(try await records.claimed(job), as: .done)
            #expect(try await !records.dueBackups(at: now, limit: 9).contains { $0.store == store.id })
            #expect(try await records.dueBackups(at: now.addingTimeInterval(61), limit: 9).contains { $0.store == store.id })

            guard
                case .accepted(_, let falling) = try await records.change(
                    ChangeRequest(asleep.id, StoreChange(isAsleep: true)),
                    limits: roomy,
                    by: tester
                )
            else { throw TestSupportError(message: "awake") }
            #expect(try await !records.dueBackups(at: now, limit: 9).contains { $0.store == asleep.id })
            _ = try await records.settle(try await records.claimed(falling), as: .ready(url: "http://asleep.localhost", engineVersion: nil))
            let nightly = try #require(try await records.nightly(asleep.id, next: now))
            let claim = try await records.claimed(nightly)
            try await records.endBackup(try await records.beginBackup(.nightly, under: claim).id, .success(contents), under: claim)
            _ = try await records.settle(claim, as: .done)
            #expect(try await records.dueBackups(at: now.addingTimeInterval(9), limit: 9).isEmpty)
            // What a person changed since then is saved again.
            try await pool.query("UPDATE stores SET last_backup_at = last_backup_at - interval '1 hour' WHERE id = \(asleep.id.rawValue)")
            #expect(try await records.dueBackups(at: now.addingTimeInterval(9), limit: 9).map(\.store) == [asleep.id])
        }
    }

    @Test("the figures and the stale stores tell how old backups are, of stores that are to have one, where backups are kept") func stale()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let store = try await records.serving("Acme")
            try await pool.query("UPDATE stores SET first_ready_at = now() - interval '5 days'")
            func figures() async throws -> [InstallationMetric] { try await records.figures().filter { $0.name.hasPrefix("backup") } }
            func age() async throws -> Double? {
                try await figures().first { $0.name == "backup_age_seconds" }.map { ($0.value / 3_600).rounded() }
            }
            func stale() async throws -> [StoreID] { try await records.staleBackups(before: Date() - 48 * 3_600).map(\.store) }
            #expect(try await figures().isEmpty)
            #expect(try await stale().isEmpty)
            try await pool.query(
                "INSERT INTO worker_reports (worker, version, slots, busy, kubernetes, helm, keeps_backups) VALUES ('w', '4', 1, 0, true, true, true)"
            )
            #expect(try await age() == 120)
            #expect(try await stale() == [store.id])
            _ = try await records.takesBackup(store)
            #expect(try await age() == 0)
            let told = try await figures()
            #expect(told.first { $0.name == "backups" }?.labels == ["kind": "manual", "status": "done"])
            #expect(told.first { $0.name == "backups" }?.value == 1)
            #expect(told.first { $0.name == "backup_bytes" }?.value == 10)
            #expect(told.first { $0.name == "backup_age_seconds" }?.labels == ["engine": "woocommerce"])

            try await pool.query("UPDATE stores SET last_backup_at = now() - interval '3 days'")
            try await pool.query("UPDATE jobs SET finished_at = now() - interval '4 days'")
            // When no worker takes them any more, they grow old all the same.
            try await pool.query("DELETE FROM worker_reports")
            #expect(try await age() == 72)
            #expect(try await stale() == [store.id])
            // One that sleeps and was not changed since needs no other; neither does a new store before its first night.
            try await pool.query("UPDATE stores SET asleep = true")
            #expect(try await age() == nil)
            #expect(try await stale().isEmpty)
            try await pool.query("UPDATE stores SET asleep = false, last_backup_at = NULL, first_ready_at = now() - interval '23 hours'")
            #expect(try await age() == nil)
            #expect(try await stale().isEmpty)
        }
    }

    @Test("what nobody needs is forgotten before its snapshots go, but for what somebody waits for; failed ones are not to be kept")
    func forgotten()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let (store, first) = try await records.backedUp("Acme")
            var more: [Backup] = []
            for _ in 0..<3 { more.append(try await records.takesBackup(store)) }
            try await pool.query(
                """
                UPDATE backups SET status = 'failed', failure_code = 'x', failure = 'x', snapshot = NULL, database_bytes = NULL, file_bytes = NULL,
                    added_bytes = NULL, products = NULL, orders = NULL WHERE id = \(more[2].id.rawValue)
                """
            )
            _ = try await records.accepted(
                try NewStore(name: StoreName("Copy"), engine: .woocommerce, owner: store.owner, source: .backup(first.id))
            )
            let (other, _) = try await records.backedUp("Other")
            guard
                case .accepted = try await records.restore(other.id, from: more[0].id, visibleTo: nil, traceparent: nil, by: tester)
            else { throw TestSupportError(message: "not restored") }
            let nightly = try #require(try await records.nightly(store.id))
            let claim = try await records.claimed(nightly)
            let kept = try await records.forgetBackups(try await records.backups(of: store.id).map(\.id), under: claim)
            let taken = try #require(try await records.backups(of: store.id).first { $0.kind == .nightly })
            #expect(Set(kept) == [first.id, more[0].id, taken.id])
            // Nobody can choose what is forgotten.
            guard case .noBackup = try await records.restore(store.id, from: more[1].id, visibleTo: nil, traceparent: nil, by: tester)
            else {
                throw TestSupportError(message: "restored")
            }
            let late = try NewStore(name: StoreName("Late"), engine: .woocommerce, owner: store.owner, source: .backup(more[1].id))
            guard case .noBackup = try await records.create(late, limits: roomy, by: tester) else {
                throw TestSupportError(message: "copied")
            }
        }
    }

    @Test("a backup that is just being chosen is not forgotten, and one that is just being forgotten cannot be chosen")
    func chosenMeanwhile() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, first) = try await records.backedUp("Acme")
            let second = try await records.takesBackup(store)
            let nightly = try #require(try await records.nightly(store.id))
            let claim = try await records.claimed(nightly)
            let late = try NewStore(name: StoreName("Late"), engine: .woocommerce, owner: store.owner, source: .backup(second.id))
            let forgetting = try await pool.withTransaction { transaction throws(PostgresError) in
                _ = try await transaction.query(
                    """
                    SELECT create_store(\(StoreID.random().rawValue), 'Copy', 'woocommerce', 'ada', 'store-copy', 'store-copy-2', 'small', 99, 99, 99,
                        NULL, NULL, NULL, \(first.id.rawValue))
                    """
                )
                let forgetting = Task { try await records.forgetBackups([first.id], under: claim) }
                try await waits(transaction)
                return forgetting
            }
            #expect(try await forgetting.value.contains(first.id))
            let choosing = try await pool.withTransaction { transaction throws(PostgresError) in
                _ = try await transaction.query("DELETE FROM backups WHERE id = \(second.id.rawValue)")
                let choosing = Task { try await records.create(late, limits: roomy, by: tester) }
                try await waits(transaction)
                return choosing
            }
            guard case .noBackup = try await choosing.value else { throw TestSupportError(message: "copied") }
        }
    }

    /// Returns once something waits for what this transaction holds.
    private func waits(_ transaction: PostgresTransaction) async throws(PostgresError) {
        while true {
            let waiting: Int = try await transaction.query("SELECT count(*) AS n FROM pg_locks WHERE NOT granted").first?["n"] ?? 0
            if waiting > 0 { return }
        }
    }

    @Test("what a check of the repository found stands until the next one, in the numbers, too; a damaged one stays due") func checked()
        async throws
    {
        try await withRecords { (records, pool) async throws in
            let (store, _) = try await records.backedUp("Acme")
            func told() async throws -> [InstallationMetric] { try await records.figures().filter { $0.name.hasPrefix("repositor") } }
            #expect(try await records.repositoryCheck(of: store.id) == nil)
            try await pool.query("UPDATE stores SET first_ready_at = now() - interval '2 days'")
            #expect(
                try await told().map { ($0.name, ($0.value / 86_400).rounded()) }.map { "\($0)" } == [
                    #"("repository_check_age_seconds", 2.0)"#
                ]
            )
            let nightly = try #require(try await records.nightly(store.id))
            let claim = try await records.claimed(nightly)
            try await records.endUpkeep(damage: "a pack is lost", under: claim)
            #expect(try await records.damagedRepositories().map(\.damage) == ["a pack is lost"])
            #expect(try await records.prunedAt(store.id) == nil)
            #expect(try await told().first?.labels == ["check": "damaged"])
            try await records.endUpkeep(damage: nil, under: claim)
            let check = try #require(try await records.repositoryCheck(of: store.id))
            #expect(check.damage == nil && abs(check.at.timeIntervalSinceNow) < 60)
            #expect(try await records.damagedRepositories().isEmpty)
            #expect(try await records.prunedAt(store.id) != nil)
            #expect(try await told().map(\.labels).contains(["check": "fine"]))
        }
    }

    @Test("the first key of a repository stays, and is sealed anew by whoever knows what it was") func keys() async throws {
        try await withRecords { (records, _) async throws in
            let (store, _) = try await records.accepted("Acme")
            #expect(try await records.backupKey(of: store.id) == nil)
            let first = SealedText(key: "a", text: "one")
            #expect(try await records.keepBackupKey(first, of: store.id) == first)
            #expect(try await records.keepBackupKey(SealedText(key: "b", text: "two"), of: store.id) == first)
            #expect(try await records.sealedBackupKeys(notBy: "a", after: nil, limit: 9).isEmpty)
            #expect(try await records.sealedBackupKeys(notBy: "b", after: nil, limit: 9).map(\.sealed) == [first])
            #expect(try await records.sealedBackupKeys(notBy: "b", after: store.id, limit: 9).isEmpty)
            let anew = SealedText(key: "b", text: "one by b")
            #expect(try await !records.replaceBackupKey(of: store.id, anew, by: anew))
            #expect(try await records.replaceBackupKey(of: store.id, first, by: anew))
            #expect(try await records.backupKey(of: store.id) == anew)
        }
    }

    @Test("the twenty attempts that a store keeps are not pushed out by its backups") func attempts() async throws {
        try await withRecords { (records, _) async throws in
            let store = try await records.serving("Acme")
            for _ in 0..<22 {
                let job = try #require(try await records.nightly(store.id, next: Date(timeIntervalSince1970: 0)))
                let claim = try await records.claimed(job)
                try await records.append("saved", kind: .normal, stage: nil, source: .worker, under: claim)
                _ = try await records.settle(claim, as: .done)
            }
            let kept = try #require(try await records.attempts(of: store.id, visibleTo: nil))
            #expect(kept.count { $0.kind == .backup } == 20 && kept.count { $0.kind == .provision } == 1)
            #expect(try await records.buildLog(of: store.id, attempt: nil, after: 0, limit: 100).count == 20)
            #expect(try await records.detail(store.id, visibleTo: nil)?.job?.kind == .provision)
            // And the job that made the store outlives them.
            _ = try await records.purgeJobs(olderThan: .zero)
            #expect(try await records.jobs(JobQuery(store: store.id)).map(\.kind) == [.provision])
        }
    }

    @Test("fsck finds a backup that no job takes, and a store that waits for nothing but a backup") func consistency() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await records.serving("Acme")
            let (_, backup, job) = try await records.asksBackup(store)
            #expect(try await records.inconsistencies().isEmpty)
            try await pool.query("UPDATE backups SET job_id = 0 WHERE id = \(backup.id.rawValue)")
            try await pool.query("UPDATE stores SET status = 'failed' WHERE id = \(store.id.rawValue)")
            try await pool.query("UPDATE stores SET status = 'provisioning' WHERE id = \(store.id.rawValue)")
            #expect(try await records.inconsistencies().map(\.kind) == [.backup, .stuck])
            try await records.repairConsistency()
            #expect(try await records.inconsistencies().isEmpty)
            #expect(try await records.backup(backup.id)?.failure?.code == "job-lost")
            #expect(try await records.job(job.id)?.job.state == .queued)
        }
    }
}

let contents = BackupContents(
    snapshot: String(repeating: "a", count: 64),
    files: String(repeating: "b", count: 64),
    databaseBytes: 1_000,
    fileBytes: 5 << 30,
    addedBytes: 10,
    products: 3,
    orders: 2
)

extension StoreRecords {
    /// A store that serves, with what its first attempt found.
    func serving(_ name: String, owner: String? = "ada") async throws -> Store {
        let (store, job) = try await accepted(name, owner: owner)
        let claim = try await claimed(job)
        let slug = store.namespace.slug
        let spec = StoreSpec(
            version: ChartVersion("1.1.0"),
            database: VolumeSize("5Gi"),
            uploads: VolumeSize("6Gi"),
            storageClass: "",
            host: "\(slug).localhost"
        )
        try await resolve(spec, values: "{}", under: claim)
        _ = try await settle(claim, as: .ready(url: "http://\(slug).localhost", engineVersion: "WooCommerce 11.2.0"))
        guard let store = try await self.store(store.id, visibleTo: nil) else { throw TestSupportError(message: "\(name) is gone") }
        return store
    }

    func accepted(_ request: NewStore) async throws -> (Store, JobDescriptor) {
        guard case .accepted(let store, let job) = try await create(request, limits: roomy, by: tester) else {
            throw TestSupportError(message: "\(request.name) was not accepted")
        }
        return (store, job)
    }

    func requestBackup(of store: StoreID, visibleTo: StoreAccess? = nil, limit: Int = 10) async throws -> BackupOutcome {
        try await requestBackup(of: store, visibleTo: visibleTo, limit: limit, traceparent: nil, by: tester)
    }

    func asksBackup(_ store: Store) async throws -> (Store, Backup, JobDescriptor) {
        guard case .accepted(let store, let backup, let job) = try await requestBackup(of: store.id) else {
            throw TestSupportError(message: "no backup was accepted")
        }
        return (store, backup, job)
    }

    /// A backup that was taken.
    func takesBackup(_ store: Store) async throws -> Backup {
        let (_, backup, job) = try await asksBackup(store)
        let claim = try await claimed(job)
        _ = try await beginBackup(.manual, under: claim)
        try await endBackup(backup.id, .success(contents), under: claim)
        _ = try await settle(claim, as: .done)
        guard let backup = try await self.backup(backup.id) else { throw TestSupportError(message: "the backup is gone") }
        return backup
    }

    /// A store that serves, and a backup of it.
    func backedUp(_ name: String, owner: String? = "ada") async throws -> (Store, Backup) {
        let store = try await serving(name, owner: owner)
        return (store, try await takesBackup(store))
    }

    /// The job of the store's nightly backup, if it is due.
    func nightly(_ store: StoreID, next: Date = .distantFuture) async throws -> JobDescriptor? {
        guard let due = try await dueBackups(at: Date(), limit: 100).first(where: { $0.store == store }),
            case .accepted(let job) = try await queueBackup(of: due, next: next)
        else { return nil }
        return job
    }
}
