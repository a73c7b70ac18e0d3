import Foundation
import JobDispatch
import JobQueue
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Test restores as they are picked and settled.
@Suite(.timeLimit(.minutes(20))) struct BackupVerifierTests {
    private func verifier(_ platform: Platform, every period: Duration? = .days(30)) -> BackupVerifier {
        BackupVerifier(
            records: platform.records,
            jobs: JobEnqueuer(queue: platform.queue, logger: platform.logger),
            worker: "w",
            every: period,
            logger: platform.logger
        )
    }

    private func backedUp(_ platform: Platform, _ name: String) async throws -> StoreID {
        let request = NewStore(name: try StoreName(name), engine: .woocommerce, owner: nil)
        guard case .accepted(let store, _) = try await platform.records.create(request, limits: StoreLimits(total: 100, perUser: 100))
        else {
            throw TestSupportError(message: "not accepted")
        }
        try await platform.pool.query("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE store_id = \(store.id.rawValue)")
        try await platform.pool.query(
            "UPDATE stores SET status = 'ready', first_ready_at = now(), applied_generation = 1 WHERE id = \(store.id.rawValue)"
        )
        try await platform.pool.query(
            """
            INSERT INTO backups (id, store_id, kind, status, finished_at, snapshot, database_bytes, file_bytes, added_bytes, products, orders)
            VALUES (\(BackupID.random().rawValue), \(store.id.rawValue), 'nightly', 'done', now(), repeat('a', 64), 1, 0, 1, 0, 0)
            """
        )
        return store.id
    }

    @Test("each store is tested once in a period, one at a time, by jobs of the background, and its hidden store is removed") func tests()
        async throws
    {
        try await Platform.run { platform async throws in
            let verifier = verifier(platform)
            var stores: Set<StoreID> = []
            for number in 0..<3 { stores.insert(try await backedUp(platform, "Store \(number)")) }
            try await verifier.turn(now: Date())
            let end = Date() + 31 * 86_400
            var tested: Set<StoreID> = []
            for _ in 0..<3 {
                try await verifier.turn(now: end)
                try await verifier.turn(now: end)
                let hidden = try await platform.records.verifications()
                #expect(hidden.count == 1)
                let queued = try await platform.records.newestQueuedDescriptors(limit: 9)
                #expect(queued.map(\.kind) == [.provision] && queued.allSatisfy { $0.jobClass == .background && $0.store == hidden.first })
                #expect(try await platform.queue.position(of: queued[0].id) != nil)
                try await platform.pool.query("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE state = 'queued'")
                try await platform.pool.query(
                    "UPDATE stores SET status = 'ready', first_ready_at = now() WHERE verification AND deleted_at IS NULL"
                )
                try await verifier.turn(now: end)
                let removal = try await platform.records.newestQueuedDescriptors(limit: 9)
                #expect(removal.map(\.kind) == [.delete])
                try await platform.pool.query("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE state = 'queued'")
                try await platform.pool.query("UPDATE stores SET deleted_at = now() WHERE verification AND deleted_at IS NULL")
                for row in try await platform.pool.query("SELECT id FROM stores WHERE verified_at IS NOT NULL") {
                    tested.insert(try #require(StoreID(try row["id"])))
                }
            }
            #expect(tested == stores)
            try await verifier.turn(now: end)
            #expect(try await platform.records.verifications().isEmpty)
        }
    }

    @Test("without a period nothing is tested, and what was begun is ended all the same") func off() async throws {
        try await Platform.run { platform async throws in
            _ = try await backedUp(platform, "Acme")
            try await verifier(platform).turn(now: Date())
            try await verifier(platform).turn(now: Date() + 31 * 86_400)
            #expect(try await platform.records.verifications().count == 1)
            let off = verifier(platform, every: nil)
            try await platform.pool.query("UPDATE jobs SET state = 'failed', finished_at = now(), error = 'no' WHERE state = 'queued'")
            try await platform.pool.query("UPDATE stores SET status = 'failed', error_message = 'no' WHERE verification")
            try await off.turn(now: Date())
            #expect(try await platform.records.newestQueuedDescriptors(limit: 9).map(\.kind) == [.delete])
            try await platform.pool.query("UPDATE stores SET deleted_at = now() WHERE verification AND status = 'deleting'")
            try await off.turn(now: .distantFuture)
            #expect(try await platform.records.verifications().isEmpty)
        }
    }
}
