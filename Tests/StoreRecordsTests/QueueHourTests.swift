import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct QueueHourTests {
    @Test("an hour counts how its jobs ended, each once however often it is counted, and keeps what was purged since")
    func counted() async throws {
        try await withRecords { records, pool in
            #expect(try await records.queueHours().isEmpty)
            for name in ["One", "Two", "Three", "Four"] {
                let (_, descriptor) = try await records.accepted(name)
                if name == "Four" { continue }
                _ = try await records.settle(records.claimed(descriptor), as: .failed(message: "no", permanent: true))
            }
            // The hour may end while this runs: what ended is put into the middle of this one.
            try await pool.query("UPDATE jobs SET finished_at = date_trunc('hour', clock_timestamp()) WHERE finished_at IS NOT NULL")
            try await records.countQueueHours()
            try await records.countQueueHours()
            let now = try #require(try await records.queueHours().last)
            #expect(now.succeeded == 0 && now.failed == 3 && now.cancelled == 0)
            #expect(now.mostQueued == 1 && now.mostRunning == 0)
            try await pool.query("DELETE FROM job_history")
            try await pool.query("UPDATE stores SET job_id = NULL")
            try await pool.query("DELETE FROM attempts")
            try await pool.query("DELETE FROM jobs")
            try await records.countQueueHours()
            #expect(try await records.queueHours().last == now)
        }
    }

    @Test("jobs that ended in the hour before are counted there, and after a week the hour goes") func earlier() async throws {
        try await withRecords { records, pool in
            let (_, descriptor) = try await records.accepted("Acme")
            _ = try await records.settle(records.claimed(descriptor), as: .failed(message: "no", permanent: true))
            try await pool.query("UPDATE jobs SET finished_at = date_trunc('hour', clock_timestamp()) - interval '1 minute'")
            try await records.countQueueHours()
            #expect(try await records.queueHours().map(\.failed) == [1, 0])
            try await pool.query("UPDATE queue_hours SET hour = hour - interval '8 days' WHERE failed = 1")
            #expect(try await records.queueHours().map(\.failed) == [0])
            #expect(try await records.prune(.queueHours, by: Retention()) == 1)
        }
    }
}
