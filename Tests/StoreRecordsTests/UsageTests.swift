import Foundation
import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// What stores were allotted, and its sums by month.
@Suite struct UsageTests {
    /// One span as the table has it; hours are counted from the span's beginning.
    private struct Period: Equatable, CustomStringConvertible {
        let plan: String?
        let isAwake: Bool
        let volumes: Int
        let backups: Int64

        var description: String { "\(plan ?? "none") \(isAwake ? "awake" : "not awake") \(volumes) MiB, backups \(backups)" }
    }

    private func periods(_ store: StoreID, _ pool: PostgresPool) async throws -> [Period] {
        let rows = try await pool.query(
            """
            SELECT plan, awake, volumes_mib, backup_bytes,
                   lag(ended_at) OVER (ORDER BY id) IS NULL OR begun_at >= lag(ended_at) OVER (ORDER BY id) AS follows,
                   ended_at IS NULL AND lead(id) OVER (ORDER BY id) IS NOT NULL AS overlaps
              FROM usage_periods WHERE store_id = \(store.rawValue) ORDER BY id
            """
        )
        return try rows.map { row in
            let (follows, overlaps): (Bool, Bool) = (try row["follows"], try row["overlaps"])
            #expect(follows && !overlaps, "spans of one store do not overlap")
            return Period(
                plan: try row["plan"],
                isAwake: try row["awake"],
                volumes: try row["volumes_mib"],
                backups: try row["backup_bytes"]
            )
        }
    }

    private func isLasting(_ store: StoreID, _ pool: PostgresPool) async throws -> Bool {
        try await !pool.query("SELECT 1 FROM usage_periods WHERE store_id = \(store.rawValue) AND ended_at IS NULL").isEmpty
    }

    private static let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: "WooCommerce 11.2.0")
    private static let kept = AttemptOutcome.ready(
        url: "http://acme.localhost",
        engineVersion: nil,
        change: ChangeFailure(code: "helm-conflict", message: "Another manager has set a field.")
    )

    /// A store that became ready with volumes of 5 and 6 GiB.
    private func readyStore(_ records: StoreRecords, owner: String = "ada") async throws -> Store {
        let (store, descriptor) = try await records.accepted("Acme", owner: owner)
        let claim = try await records.claimed(descriptor)
        let found = StoreSpec(
            version: ChartVersion("1.1.0"),
            database: VolumeSize("5Gi"),
            uploads: VolumeSize("6Gi"),
            storageClass: "",
            host: "acme.localhost"
        )
        try await records.resolve(found, values: #"{"plan": "small"}"#, under: claim)
        _ = try await records.settle(claim, as: Self.ready)
        return try #require(try await records.store(store.id, visibleTo: nil))
    }

    private func change(_ records: StoreRecords, _ store: Store, _ change: StoreChange, as outcome: AttemptOutcome) async throws {
        guard case .accepted(_, let job) = try await records.change(ChangeRequest(store.id, change), limits: roomy, by: tester) else {
            throw TestSupportError(message: "the change was not accepted")
        }
        _ = try await records.settle(records.claimed(job), as: outcome)
    }

    @Test("a span begins when the cluster has what was asked for, and one that was not made begins none") func spans() async throws {
        try await withRecords { (records, pool) async throws in
            let (waits, _) = try await records.accepted("Waits")
            let store = try await readyStore(records)
            try await change(records, store, StoreChange(plan: .medium), as: Self.ready)
            try await change(records, store, StoreChange(plan: .large), as: Self.kept)
            try await change(records, store, StoreChange(isAsleep: true), as: Self.ready)
            guard case .accepted(_, let removal, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil, by: tester)
            else {
                throw TestSupportError(message: "not deleted")
            }
            #expect(
                try await periods(store.id, pool) == [
                    Period(plan: "small", isAwake: true, volumes: 11_264, backups: 0),
                    Period(plan: "medium", isAwake: true, volumes: 11_264, backups: 0),
                    Period(plan: "medium", isAwake: false, volumes: 11_264, backups: 0),
                    Period(plan: nil, isAwake: false, volumes: 11_264, backups: 0),
                ]
            )
            #expect(try await isLasting(store.id, pool), "its volumes are there until it is gone")
            _ = try await records.settle(records.claimed(removal), as: .gone)
            #expect(try await !isLasting(store.id, pool))
            #expect(try await periods(waits.id, pool).isEmpty, "what was never ready costs nothing")
        }
    }

    @Test("a store that fails, or is lost, has no plan until it is ready again") func faults() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await readyStore(records)
            try await pool.query("UPDATE stores SET drift = 'namespace' WHERE id = \(store.id.rawValue)")
            #expect(try await !isLasting(store.id, pool))
            try await pool.query("UPDATE stores SET drift = NULL WHERE id = \(store.id.rawValue)")
            try await pool.query("UPDATE stores SET status = 'failed', error_message = 'x' WHERE id = \(store.id.rawValue)")
            #expect(
                try await periods(store.id, pool) == [
                    Period(plan: "small", isAwake: true, volumes: 11_264, backups: 0),
                    Period(plan: "small", isAwake: true, volumes: 11_264, backups: 0),
                    Period(plan: nil, isAwake: false, volumes: 11_264, backups: 0),
                ]
            )
        }
    }

    @Test("what its backups hold is measured after each of them, and counts until they are removed") func repositories() async throws {
        try await withRecords { (records, pool) async throws in
            let store = try await readyStore(records)
            #expect(try await records.repositoriesToMeasure(limit: 9).isEmpty, "there is no repository")
            try await pool.query("INSERT INTO backup_keys (store_id, key_id, sealed) VALUES (\(store.id.rawValue), 'k1', 'x')")
            let first = try #require(try await records.repositoriesToMeasure(limit: 9).first)
            #expect(first.store == store.id)
            try await records.note(repositoryOf: store.id, bytes: 1 << 30, asOf: first.asOf)
            #expect(try await records.repositoriesToMeasure(limit: 9).isEmpty)
            try await pool.query("UPDATE stores SET checked_at = clock_timestamp() WHERE id = \(store.id.rawValue)")
            #expect(try await records.repositoriesToMeasure(limit: 9).map(\.store) == [store.id], "its upkeep may have removed something")
            // An answer that took long does not undo a newer one.
            try await records.note(repositoryOf: store.id, bytes: 5, asOf: first.asOf - 1)
            guard case .accepted(_, let removal, _) = try await records.delete(store.id, visibleTo: nil, traceparent: nil, by: tester)
            else {
                throw TestSupportError(message: "not deleted")
            }
            _ = try await records.settle(records.claimed(removal), as: .gone)
            #expect(try await periods(store.id, pool).last == Period(plan: nil, isAwake: false, volumes: 0, backups: 1 << 30))
            #expect(try await records.purge(store.id))
            #expect(try await !isLasting(store.id, pool))
            try await records.note(repositoryOf: store.id, bytes: 7, asOf: Date() + 60)
            #expect(try await !isLasting(store.id, pool), "a size that was asked for before the purge says nothing")
        }
    }

    @Test("hours are summed by month in UTC, by owner and by store, and end now") func months() async throws {
        try await withRecords { (records, pool) async throws in
            try await pool.query(
                """
                INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at, ended_at) VALUES
                ('a00000000001', 'ada', 'one', 'small', true, 10240, 0, '2025-01-31T22:00:00Z', '2025-02-01T03:00:00Z'),
                ('a00000000001', 'ada', 'one', 'small', false, 10240, 1073741824, '2025-02-01T03:00:00Z', '2025-02-01T04:30:00Z'),
                ('a00000000002', 'ada', 'two', 'large', true, 1024, 0, '2025-02-27T00:00:00Z', '2025-03-02T00:00:00Z'),
                ('a00000000003', 'bob', 'old', NULL, false, 0, 2147483648, '2024-12-01T00:00:00Z', '2025-02-02T00:00:00Z')
                """
            )
            func at(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }
            let query = UsageQuery(from: try at("2025-01-01T00:00:00Z"), to: try at("2025-03-01T00:00:00Z"), owner: nil)
            let rows = try await records.usage(query)
            #expect(rows.map { "\($0.month) \($0.owner ?? "")" } == ["2025-01 ada", "2025-01 bob", "2025-02 ada", "2025-02 bob"])
            func hours(_ of: (MonthlyUsage) -> Decimal?) -> [Decimal] { rows.map { of($0) ?? 0 } }
            #expect(hours { $0.awakeHours[.small] } == [2, 0, 3, 0])
            #expect(hours { $0.asleepHours[.small] } == [0, 0, 1.5, 0])
            #expect(hours { $0.awakeHours[.large] } == [0, 0, 48, 0])
            #expect(hours { $0.volumeGiBHours } == [20, 0, 93, 0])
            #expect(hours { $0.backupGiBHours } == [0, 1_488, 1.5, 48])

            var mine = query
            (mine.owner, mine.isByStore) = (UserID("ada"), true)
            #expect(
                try await records.usage(mine).map { "\($0.month) \($0.slug ?? "") \($0.store?.rawValue ?? "")" } == [
                    "2025-01 one a00000000001", "2025-02 one a00000000001", "2025-02 two a00000000002",
                ]
            )
            mine.from = try at("2025-02-28T12:00:00Z")
            mine.to = try at("2025-02-28T12:00:00Z") + 3.6
            #expect(try await records.usage(mine).first?.awakeHours == [.large: Decimal(1) / 1_000], "exact within a month")

            try await pool.query(
                """
                INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at)
                VALUES ('a00000000004', 'eve', 'now', 'small', true, 1024, 0, clock_timestamp() - interval '30 minutes')
                """
            )
            let running = try await records.usage(UsageQuery(from: Date() - 7_200, to: Date() + 86_400, owner: UserID("eve")))
            let sum = running.reduce(Decimal(0)) { $0 + ($1.awakeHours[.small] ?? 0) }
            #expect(sum >= 0.5 && sum < 1, "what is still to come does not count: \(sum)")
        }
    }

    @Test("a sheet has a row for each, and no cell that a spreadsheet would compute") func sheet() {
        func row(_ owner: String) -> MonthlyUsage {
            MonthlyUsage(
                month: "2025-01",
                owner: owner,
                awakeHours: [.medium: 1.5],
                asleepHours: [:],
                volumeGiBHours: 20,
                backupGiBHours: 0
            )
        }
        let lines = UsageSheet.text([row("ada"), row("=HYPERLINK(\"x\")"), row("a,b\nc")]).split(separator: "\r\n").map(String.init)
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("month,owner,store,slug,awake_hours_small") && lines[0].hasSuffix("volume_gib_hours,backup_gib_hours"))
        #expect(lines[1] == "2025-01,ada,,,0,1.5,0,0,0,0,20,0")
        #expect(lines[2].hasPrefix("2025-01,\"'=HYPERLINK(\"\"x\"\")\",,"))
        #expect(lines[3].hasPrefix("2025-01,\"a,b"))
    }

    @Test("spans that ended long ago go with the rest of the history, what lasts stays") func retention() async throws {
        try await withRecords { (records, pool) async throws in
            try await pool.query(
                """
                INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at, ended_at) VALUES
                ('a00000000001', 'ada', 'one', 'small', true, 1, 0, clock_timestamp() - interval '500 days', clock_timestamp() - interval '401 days'),
                ('a00000000001', 'ada', 'one', 'small', true, 1, 0, clock_timestamp() - interval '401 days', clock_timestamp() - interval '399 days'),
                ('a00000000001', 'ada', 'one', 'large', true, 1, 0, clock_timestamp() - interval '399 days', NULL)
                """
            )
            #expect(try await records.prune(.usagePeriods, by: Retention()) == 1)
            #expect(try await records.prune(.usagePeriods, by: Retention()) == 0)
        }
    }
}
