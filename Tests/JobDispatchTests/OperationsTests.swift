import JobDispatch
import JobQueue
import Postgres
import Redis
import StoreDomain
import StoreRecords
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(20))) struct OperationsTests {
    /// Beats an hour apart: only the notification can carry the news in time.
    private static let rareRenewals = LeaseTimes(
        renewal: .seconds(3_600),
        term: .seconds(7_200),
        kill: .seconds(7_200),
        lease: .seconds(7_200),
        settle: .zero
    )

    private func operations(_ platform: Platform) -> OperatorActions {
        OperatorActions(
            records: platform.records,
            queue: platform.queue,
            jobs: JobEnqueuer(queue: platform.queue, logger: platform.logger)
        )
    }

    @Test("a cancel reaches the attempt without waiting for its next renewal") func cancelAtOnce() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler, times: Self.rareRenewals) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                _ = try #require(await handler.next())
                #expect(try await operations(platform).cancel(descriptor.id, by: .ops, reason: "wrong plan") == .asked)
                let failed = try await platform.store(store.id) { $0?.status == .failed }
                #expect(failed?.errorMessage == "Cancelled by ops: wrong plan")
            }
        }
    }

    @Test("what fails for good is a dead letter with its reason, until it is replayed") func deadLetter() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await platform.withWorker(handler: handler) { _ async throws in
                let (store, descriptor) = try await platform.accepted("Acme")
                try #require(await handler.next()).finish(.failed(message: "no volume", permanent: true))
                while try await platform.queue.position(of: descriptor.id)?.state != .dead { await Task.yield() }
                let letter = try await platform.redis.command(["HGET", "sq:{test}:job:\(descriptor.id)", "error"])
                #expect(letter.string == "no volume")
                guard case .queued(let again) = try await operations(platform).replay(descriptor.id, by: .ops) else {
                    Issue.record("not replayed")
                    return
                }
                #expect(again.kind == .retry)
                #expect(try await platform.queue.position(of: descriptor.id) == nil)
                try #require(await handler.next()).finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
    }

    @Test("a pause outlives Redis's memory, and resuming lets the waiting job run") func pause() async throws {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            try await operations(platform).pause(by: .ops, reason: "upgrade")
            try await platform.redis.command(["FLUSHDB"])
            let (store, descriptor) = try await platform.accepted("Acme")
            try await platform.withWorker(handler: handler) { _ async throws in
                // The sweep says it again, and no claim is granted meanwhile.
                while try await platform.redis.command(["GET", "sq:{test}:paused-by-records"]).string != "ops: upgrade" {
                    await Task.yield()
                }
                #expect(try await platform.records.job(descriptor.id)?.job.state == .queued)
                #expect(try await operations(platform).resume(by: .ops))
                try #require(await handler.next()).finish(.ready(url: "http://acme", engineVersion: nil))
                _ = try await platform.store(store.id) { $0?.status == .ready }
            }
        }
    }

    @Test("a worker that vanished with a job that was called off leaves it cancelled, not queued again") func cancelledAndVanished()
        async throws
    {
        try await Platform.run { platform async throws in
            let (store, descriptor) = try await platform.accepted("Acme")
            guard
                case .claimed = try await platform.records.claim(
                    descriptor,
                    worker: "gone",
                    times: LeaseTimes(lease: .zero),
                    limits: ClassLimits(interactive: 9)
                )
            else {
                Issue.record("not claimed")
                return
            }
            #expect(try await operations(platform).cancel(descriptor.id, by: .ops, reason: "stop") == .asked)
            let sweeper = Sweeper(records: platform.records, queue: platform.queue, worker: "w", logger: platform.logger)
            try await sweeper.sweep()
            #expect(try await platform.records.job(descriptor.id)?.job.state == .cancelled)
            #expect(try await platform.queue.position(of: descriptor.id) == nil)
            #expect(try await platform.records.store(store.id, visibleTo: nil)?.status == .failed)
        }
    }

    @Test("a pass of the sweep fills an empty Redis, and finds single jobs that it lost, new ones at once and old ones in turn")
    func sweepOfMany() async throws {
        try await Platform.run { platform async throws in
            try await platform.pool.query(
                """
                INSERT INTO stores (id, name, engine, status, namespace)
                SELECT 'a' || lpad(to_hex(n), 11, '0'), 'Store', 'medusa', 'provisioning', 'store-n' || n FROM generate_series(1, 1300) n
                """
            )
            try await platform.pool.query(
                "INSERT INTO jobs (store_id, kind, namespace) SELECT id, 'provision', namespace FROM stores ORDER BY id"
            )
            let sweeper = Sweeper(records: platform.records, queue: platform.queue, worker: "w", logger: platform.logger)
            try await sweeper.sweep()
            #expect(try await platform.queue.depth().ready == 1_300)
            let newest = try #require(try await platform.records.newestQueuedDescriptors(limit: 50).last)
            try await platform.queue.finalize(newest.id, deadLettered: nil)
            try await sweeper.sweep()
            #expect(try await platform.queue.depth().ready == 1_300)
            for place in [0, 700] {
                let old = try #require(try await platform.records.queuedDescriptors(limit: 1_300, after: nil).dropFirst(place).first)
                try await platform.queue.finalize(old.id, deadLettered: nil)
                #expect(try await platform.queue.depth().ready == 1_299)
                for _ in 1...4 { try await sweeper.sweep() }
                #expect(try await platform.queue.position(of: old.id)?.state == .ready)
            }
        }
    }

    @Test("FLUSHALL while fifty jobs wait and ten run: all sixty end, each worked on by one attempt at a time") func flushOfSixty()
        async throws
    {
        try await Platform.run { platform async throws in
            let handler = ScriptedHandler()
            var stores: [StoreID] = []
            for number in 0..<60 { stores.append(try await platform.accepted("Store \(number)").0.id) }
            try await platform.withWorker(handler: handler, slots: 10, limits: ClassLimits(interactive: 10)) { _ async throws in
                var running: [ScriptedHandler.Running] = []
                while running.count < 10 { running.append(try #require(await handler.next())) }
                try await platform.redis.command(["FLUSHDB"])
                for attempt in running { attempt.finish(.ready(url: "http://x", engineVersion: nil)) }
                for _ in 0..<50 { try #require(await handler.next()).finish(.ready(url: "http://x", engineVersion: nil)) }
                for id in stores { _ = try await platform.store(id) { $0?.status == .ready } }
            }
            #expect(handler.mostAtOnce.withLock { $0 } == 1)
            let attempts: Int = try #require(
                try await platform.pool.query("SELECT count(*) AS n FROM job_history WHERE to_state = 'running'").first
            )["n"]
            #expect(attempts == 60)
        }
    }

    @Test("one job behind another user's thousand is taken second at the latest") func fairBehindAThousand() async throws {
        try await Platform.run { platform async throws in
            let store = StoreID.random()
            let namespace = { (number: Int64) in try #require(StoreNamespace("store-n\(number)")) }
            func descriptor(_ number: Int64, _ user: String) throws -> JobDescriptor {
                JobDescriptor(
                    id: try #require(JobID(number)),
                    kind: .provision,
                    store: store,
                    namespace: try namespace(number),
                    user: UserID(user)
                )
            }
            try await platform.queue.enqueue(try (1...1_000).map { try descriptor($0, "ada") })
            try await platform.queue.enqueue([try descriptor(2_000, "bob")])
            var users: [String] = []
            for _ in 0..<2 {
                if case .taken(let jobs) = try await platform.queue.take(
                    worker: "w",
                    limits: ClassLimits(interactive: 10),
                    lease: .seconds(60)
                ) {
                    users.append(jobs[0].descriptor.user?.rawValue ?? "")
                }
            }
            #expect(users.contains("bob"))
        }
    }
}
