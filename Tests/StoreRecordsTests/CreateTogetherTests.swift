import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Creates in one group come out as the same ones after each other, whatever stands in the way of some of them.
@Suite(.timeLimit(.minutes(20))) struct CreateTogetherTests {
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        // SplitMix64, by S. Vigna.
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var number = state
            number = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
            number = (number ^ (number >> 27)) &* 0x94d0_49bb_1331_11eb
            return number ^ (number >> 31)
        }
    }

    private let limits = StoreLimits(total: 40, perUser: 10)

    /// Few users, names and keys: they meet.
    private func requests(_ seed: UInt64) throws -> [[NewStore]] {
        var numbers = Numbers(state: seed)
        return try (0..<16).map { _ in
            try (0..<Int.random(in: 1...16, using: &numbers)).map { _ in
                let owner = ["ada", "bob", "eve", nil].randomElement(using: &numbers) ?? nil
                let number = Int.random(in: 1...24, using: &numbers)
                let name = try StoreName("Store \(number)")
                // Most that have a key of a number ask for the same as whoever had it before.
                let key = number > 10 ? nil : "k\(Int.random(in: 0...4, using: &numbers) == 0 ? 1 : number)"
                return NewStore(
                    name: name,
                    engine: .medusa,
                    owner: owner.flatMap { UserID($0) },
                    idempotency: key.flatMap { IdempotencyKey(key: $0, bodyDigest: name.rawValue) }
                )
            }
        }
    }

    private func word(_ outcome: CreateOutcome) -> String {
        switch outcome {
        case .accepted(let store, let descriptor): "accepted \(store.name) \(store.owner?.rawValue ?? "-") \(descriptor.store == store.id)"
        case .repeated(let store): "repeated \(store.name)"
        case .keyReused: "key reused"
        case .slugTaken: "slug taken"
        case .noBackup: "no backup"
        case .broughtBack: "brought back"
        case .totalLimitReached(let limit): "total \(limit)"
        case .userLimitReached(let used, let limit): "user \(used) of \(limit)"
        case .unitLimitReached(let used, let limit): "units \(used) of \(limit)"
        }
    }

    @Test("a group is answered as the same requests one by one, and leaves the same", arguments: 1...6) func group(seed: UInt64)
        async throws
    {
        let groups = try requests(seed)
        let actor = Operator(name: "tests", source: .api)
        func run(_ create: @escaping @Sendable (StoreRecords, [NewStore]) async throws -> [CreateOutcome]) async throws -> [String] {
            var told: [String] = []
            try await withRecords { (records, pool) async throws in
                for group in groups { told += try await create(records, group).map(word) }
                for query: SQL in [
                    "SELECT scope || ' ' || used AS line FROM store_usage ORDER BY scope",
                    "SELECT owner || ' ' || key || ' ' || body_digest || ' ' || (store_id IS NOT NULL) AS line FROM idempotency_keys ORDER BY owner, key",
                    "SELECT outcome || ' ' || detail || ' ' || count(*) AS line FROM audit GROUP BY outcome, detail ORDER BY 1",
                    """
                    SELECT 'whole ' || (count(*) = count(h.id) AND count(*) = count(j.id) AND count(*) = count(g.id)
                        AND bool_and(s.namespace IN ('store-' || replace(lower(s.name), ' ', '-'),
                                                     'store-' || replace(lower(s.name), ' ', '-') || '-' || left(s.id, 6)))) AS line
                    FROM stores s LEFT JOIN store_history h ON h.store_id = s.id AND h.to_status = 'provisioning'
                    LEFT JOIN jobs j ON j.store_id = s.id AND j.owner IS NOT DISTINCT FROM s.owner AND j.namespace = s.namespace
                    LEFT JOIN job_history g ON g.job_id = j.id AND g.to_state = 'queued'
                    """,
                ] {
                    told += try await pool.query(query).map { try $0["line"] as String }
                }
            }
            return told
        }
        let together = try await run { records, group in try await records.create(group.map { ($0, actor) }, limits: limits) }
        let alone = try await run { records, group in
            var outcomes: [CreateOutcome] = []
            for request in group { outcomes.append(try await records.create(request, limits: limits, by: actor)) }
            return outcomes
        }
        #expect(together == alone)
        for word in ["accepted", "repeated", "key reused", "user", "total"] { #expect(together.contains { $0.hasPrefix(word) }, "\(word)") }
        #expect(together.contains("whole true"))
    }

    @Test("who may have no store at all is told so, and nobody beside them is made twice") func noQuota() async throws {
        try await withRecords { (records, pool) async throws in
            let actor = Operator(name: "tests", source: .api)
            let requests = try [nil, UserID("ada")].map {
                NewStore(name: try StoreName("Store"), engine: .medusa, owner: $0, idempotency: nil)
            }
            let outcomes = try await records.create(requests.map { ($0, actor) }, limits: StoreLimits(total: 40, perUser: 0))
            #expect(outcomes.map(word) == ["accepted Store - true", "user 0 of 0"])
            let stores: Int64? = try await pool.query("SELECT count(*) AS stores FROM stores").first?["stores"]
            #expect(stores == 1)
        }
    }
}
