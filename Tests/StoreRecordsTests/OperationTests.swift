import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite("The operator's hand") struct OperationTests {
    @Test("a cancelled job that waited is final at once, and its store failed with the reason") func cancelWaiting() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            #expect(try await records.cancel(descriptor.id, reason: "Cancelled by ops: wrong cluster") == .cancelled)
            #expect(try await records.cancel(descriptor.id, reason: "again") == .over(.cancelled))
            let failed = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(failed.status == .failed)
            #expect(failed.errorMessage == "Cancelled by ops: wrong cluster")
            if case .over = try await records.claim(descriptor, worker: "w", times: LeaseTimes(), limits: ClassLimits(interactive: 1)) {
            } else {
                Issue.record("a cancelled job was claimed")
            }
            #expect(try await records.cancel(try #require(JobID(999_999)), reason: "") == .notFound)
        }
    }

    @Test("stores that get another owner wait for who changes one, without a deadlock", .timeLimit(.minutes(20)))
    func mapOwner() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, _) = try await records.accepted("Acme")
            let (ada, account) = (try #require(UserID("ada")), try #require(UserID("u0123456789abcde")))
            let moved = try await pool.withTransaction { change throws(PostgresError) in
                try await change.query("SELECT 1 FROM stores WHERE id = \(store.id.rawValue) FOR UPDATE")
                let moved = Task { try await records.mapOwner(ada, to: account, by: tester) }
                let waiting: SQL = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%SELECT map_owner(%'"
                while try await pool.query(waiting).isEmpty { await Task.yield() }
                // As the trigger that counts stores does.
                try await change.query("UPDATE store_usage SET used = used WHERE scope = 'total'")
                return moved
            }
            #expect(try await moved.value == 1)
            #expect(try await records.usage(of: account, role: .user, limits: roomy).user == 1)
            #expect(try await records.usage(of: ada, role: .user, limits: roomy).user == 0)
        }
    }

    @Test("a cancelled job that runs hears of it with its renewal, and its store fails with the reason") func cancelRunning() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let claim = try await records.claimed(descriptor)
            #expect(try await records.cancel(descriptor.id, reason: "Cancelled by ops") == .asked)
            #expect(try await records.renew(claim, lease: .seconds(12)) == .held(cancelRequested: true))
            #expect(try await records.settle(claim, as: .cancelled(reason: "told to stop")) == .over(deadLettered: nil))
            let failed = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(failed.status == .failed)
            #expect(failed.errorMessage == "Cancelled by ops")
        }
    }

    @Test("a delete that an operator cancels leaves the store failed, and a retry deletes again") func cancelDelete() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            _ = try await records.settle(try await records.claimed(descriptor), as: .ready(url: "http://a", engineVersion: nil))
            guard case .accepted(_, let deletion, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil) else {
                Issue.record("not deleted")
                return
            }
            #expect(try await records.cancel(deletion.id, reason: "Stop") == .cancelled)
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .failed)
            guard case .queued(let again) = try await records.replay(deletion.id, traceparent: nil) else {
                Issue.record("not replayed")
                return
            }
            #expect(again.kind == .delete)
        }
    }

    @Test("a dead letter is replayed once, as a new job; what did not fail is not") func replay() async throws {
        try await withRecords { (records, _) async throws in
            let (_, descriptor) = try await records.accepted("Acme")
            #expect(try await records.replay(descriptor.id, traceparent: nil) == .notFailed)
            _ = try await records.settle(try await records.claimed(descriptor), as: .failed(message: "no volume", permanent: true))
            guard case .queued(let again) = try await records.replay(descriptor.id, traceparent: nil) else {
                Issue.record("not replayed")
                return
            }
            #expect(again.id != descriptor.id)
            #expect(try await records.replay(descriptor.id, traceparent: nil) == .notFailed)
            let (job, history) = try #require(try await records.job(descriptor.id))
            #expect(job.error == "no volume")
            #expect(history.map(\.to) == [.queued, .running, .failed])
        }
    }

    @Test("a final job never changes its state") func final() async throws {
        try await withRecords { (records, pool) async throws in
            let (_, descriptor) = try await records.accepted("Acme")
            _ = try await records.cancel(descriptor.id, reason: "no")
            let error = await #expect(throws: PostgresError.self) {
                try await pool.query("UPDATE jobs SET state = 'queued' WHERE id = \(descriptor.id.rawValue)")
            }
            #expect(error?.sqlState == "SW005")
        }
    }

    @Test("while the queue is paused nothing is claimed; resuming tells whether it was paused") func pause() async throws {
        try await withRecords { (records, _) async throws in
            let (_, descriptor) = try await records.accepted("Acme")
            try await records.pause(by: "ops", reason: "moving the database")
            #expect(try await records.currentPause()?.reason == "moving the database")
            guard case .paused = try await records.claim(descriptor, worker: "w", times: LeaseTimes(), limits: ClassLimits(interactive: 1))
            else {
                Issue.record("claimed while paused")
                return
            }
            #expect(try await records.resume())
            #expect(try await !records.resume())
            _ = try await records.claimed(descriptor)
        }
    }

    @Test("PostgreSQL holds the cap on provisions; deletes are not counted") func cap() async throws {
        try await withRecords { (records, _) async throws in
            let (_, first) = try await records.accepted("One")
            let (second, waiting) = try await records.accepted("Two")
            let claim = try await records.claimed(first)
            guard case .capped = try await records.claim(waiting, worker: "w", times: LeaseTimes(), limits: ClassLimits(interactive: 1))
            else {
                Issue.record("the cap was exceeded")
                return
            }
            guard case .accepted(_, let deletion, _) = try await records.delete(second.id, visibleTo: nil, traceparent: nil) else { return }
            guard case .claimed = try await records.claim(deletion, worker: "w", times: LeaseTimes(), limits: ClassLimits(interactive: 1))
            else {
                Issue.record("a delete was held up by the cap")
                return
            }
            _ = try await records.settle(claim, as: .ready(url: "http://one", engineVersion: nil))
        }
    }

    @Test("twenty claims at once never exceed the cap") func capRace() async throws {
        try await withRecords { (records, _) async throws in
            var descriptors: [JobDescriptor] = []
            for number in 1...20 { descriptors.append(try await records.accepted("Store \(number)").1) }
            let claimed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for descriptor in descriptors {
                    group.addTask {
                        if case .claimed = try await records.claim(
                            descriptor,
                            worker: "w",
                            times: LeaseTimes(),
                            limits: ClassLimits(interactive: 3)
                        ) {
                            true
                        } else {
                            false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(claimed == 3)
        }
    }

    @Test("lists filter and page, and the summary counts") func lists() async throws {
        try await withRecords { (records, _) async throws in
            let (_, one) = try await records.accepted("One", owner: "ada")
            let (_, two) = try await records.accepted("Two", owner: "bob")
            _ = try await records.claimed(two, worker: "w7")
            #expect(try await records.jobs(JobQuery()).map(\.id) == [two.id, one.id])
            #expect(try await records.jobs(JobQuery(state: .running)).map(\.worker) == ["w7"])
            #expect(try await records.jobs(JobQuery(user: UserID("ada"))).map(\.id) == [one.id])
            #expect(try await records.jobs(JobQuery(before: two.id, limit: 1)).map(\.id) == [one.id])
            let summary = try await records.queueSummary()
            #expect(summary.lines.map(\.state) == [.queued, .running])
            #expect(summary.users.map(\.user) == ["ada", "bob"])
            let held = try await records.heldNamespaces()
            #expect(held.map(\.job) == [two.id])
            #expect(held.map(\.isOverdue) == [false])
        }
    }

    @Test("an orphan keeps its first sight while it is seen, and is forgotten afterwards") func orphans() async throws {
        try await withRecords { (records, _) async throws in
            try await records.record([
                Orphan(kind: .namespace, name: "store-a", detail: "x"), Orphan(kind: .store, name: "store-b", detail: "y"),
            ])
            let first = try await records.orphans()
            try await records.record([Orphan(kind: .namespace, name: "store-a", detail: "z")])
            let second = try await records.orphans()
            #expect(second.map(\.name) == ["store-a"])
            #expect(second.first?.firstSeen == first.first { $0.name == "store-a" }?.firstSeen)
            #expect(second.first?.detail == "z")
        }
    }

    @Test("purging keeps each living store's newest job and its history") func purge() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            _ = try await records.settle(try await records.claimed(descriptor), as: .failed(message: "no", permanent: true))
            guard case .accepted(_, let again) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else { return }
            _ = try await records.settle(try await records.claimed(again), as: .ready(url: "http://a", engineVersion: nil))
            try await pool.query("UPDATE jobs SET finished_at = finished_at - interval '2 days'")
            #expect(try await records.purgeJobs(olderThan: .seconds(86_400)) == 1)
            #expect(try await records.jobs(JobQuery()).map(\.id) == [again.id])
        }
    }
}
