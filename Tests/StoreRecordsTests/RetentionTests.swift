import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct RetentionTests {
    private let retention = Retention(jobs: .days(30), history: .days(400), audit: .days(400))

    private func count(_ table: SQL, _ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) AS count FROM \(table)").first?["count"] ?? -1
    }

    /// Prunes every table until nothing is left to remove; by table how many went.
    private func pruned(_ records: StoreRecords, by retention: Retention, limit: Int = 2) async throws -> [StoreRecords.AgeingTable: Int] {
        var gone: [StoreRecords.AgeingTable: Int] = [:]
        var last = -1
        while last != 0 {
            last = 0
            for table in StoreRecords.AgeingTable.allCases {
                let count = try await records.prune(table, by: retention, limit: limit)
                #expect(count <= limit)
                if count > 0 { gone[table, default: 0] += count }
                last += count
            }
        }
        return gone
    }

    @Test("idempotency keys go after their day, young ones stay") func keys() async throws {
        try await withRecords { (records, pool) async throws in
            for number in 1...5 {
                try await pool.query(
                    """
                    INSERT INTO idempotency_keys (owner, key, body_digest, created_at)
                    VALUES ('ada', \("k\(number)"), 'x', clock_timestamp() - \(number)::int * interval '9 hours')
                    """
                )
            }
            #expect(try await pruned(records, by: retention) == [.idempotencyKeys: 3])
            #expect(try await count("idempotency_keys", pool) == 2)
        }
    }

    @Test("of a living store its newest job and latest change stay, whatever their age") func living() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            _ = try await records.settle(records.claimed(descriptor), as: .failed(message: "no", permanent: true))
            guard case .accepted(_, let again) = try await records.retry(store.id, visibleTo: nil, traceparent: nil) else { return }
            _ = try await records.settle(records.claimed(again), as: .ready(url: "http://a", engineVersion: nil))
            let (_, queued) = try await records.accepted("Waits")
            #expect(try await pruned(records, by: retention).isEmpty, "nothing is old")
            try await pool.query(
                "UPDATE jobs SET finished_at = finished_at - interval '31 days', created_at = created_at - interval '31 days'"
            )
            #expect(try await pruned(records, by: retention) == [.jobs: 1])
            #expect(try await records.jobs(JobQuery()).map(\.id).sorted { $0.rawValue < $1.rawValue } == [again.id, queued.id])
            // provisioning, failed, provisioning, ready; and of the other: provisioning.
            try await pool.query("UPDATE store_history SET at = at - interval '401 days'")
            try await pool.query("UPDATE health_history SET at = at - interval '401 days'")
            #expect(try await pruned(records, by: retention) == [.storeHistory: 3])
            let kept = try await pool.query("SELECT to_status FROM store_history ORDER BY id").map { try $0["to_status"] as String }
            #expect(kept.sorted() == ["provisioning", "ready"])
            #expect(try await records.store(store.id, visibleTo: nil)?.status == .ready)
        }
    }

    @Test("a deleted store goes with all that is known of it, once that is old") func deleted() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let claim = try await records.claimed(descriptor)
            try await records.append("installed", kind: .normal, stage: .release, source: .worker, under: claim)
            _ = try await records.settle(claim, as: .ready(url: "http://a", engineVersion: nil))
            guard case .accepted(_, let deletion, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil) else { return }
            _ = try await records.settle(records.claimed(deletion), as: .gone)
            try await pool.query("UPDATE jobs SET finished_at = finished_at - interval '500 days'")
            #expect(try await pruned(records, by: Retention(jobs: nil, history: nil, audit: nil)).isEmpty, "kept for ever")
            #expect(try await pruned(records, by: retention) == [.jobs: 2])
            try await pool.query("ALTER TABLE stores DISABLE TRIGGER stores_guard")
            try await pool.query("UPDATE stores SET deleted_at = deleted_at - interval '500 days'")
            #expect(try await pruned(records, by: retention).isEmpty, "its history is young")
            try await pool.query("UPDATE store_history SET at = at - interval '500 days'")
            try await pool.query("UPDATE health_history SET at = at - interval '500 days'")
            let gone = try await pruned(records, by: retention)
            #expect(gone[.storeHistory] == 4 && gone[.stores] == 1)
            for table: SQL in ["stores", "jobs", "job_history", "attempts", "store_events", "store_history", "health_history"] {
                #expect(try await count(table, pool) == 0)
            }
        }
    }

    @Test("the audit gives away what is old and nothing that is younger than 90 days") func audit() async throws {
        try await withRecords { (records, pool) async throws in
            for age in [1, 89, 91, 399, 401] {
                try await pool.query(
                    "INSERT INTO audit (at, actor, source, action) VALUES (clock_timestamp() - \(age)::int * interval '1 day', 'ops', 'api', 'job.purge')"
                )
            }
            #expect(try await pruned(records, by: retention) == [.audit: 1])
            await #expect(throws: PostgresError.self) { try await records.prune(.audit, by: Retention(audit: .days(10))) }
            #expect(try await count("audit", pool) == 4)
            await #expect(throws: PostgresError.self) { try await pool.query("UPDATE audit SET actor = 'nobody'") }
            #expect(try await pruned(records, by: Retention(audit: .days(90))) == [.audit: 2])
        }
    }

    @Test("two that prune at once are in each other's way nowhere") func together() async throws {
        try await withRecords { (records, pool) async throws in
            try await pool.query(
                """
                INSERT INTO idempotency_keys (owner, key, body_digest, created_at)
                SELECT 'ada', n::text, 'x', clock_timestamp() - interval '2 days' FROM generate_series(1, 500) n
                """
            )
            let gone = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await pruned(records, by: retention, limit: 20)[.idempotencyKeys] ?? 0 } }
                return try await group.reduce(0, +)
            }
            #expect(gone == 500)
            #expect(try await count("idempotency_keys", pool) == 0)
        }
    }
}
