import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Claims and settlements that go together must come to what they would one by one.
@Suite struct GroupTests {
    private let ready = AttemptOutcome.ready(url: "http://store.localhost", engineVersion: "10.8.1")

    private func word(_ outcome: ClaimOutcome) -> String {
        switch outcome {
        case .claimed: "claimed"
        case .held: "held"
        case .over: "over"
        case .notYet: "not yet"
        case .capped: "capped"
        case .paused: "paused"
        }
    }

    private func claimed(_ outcomes: [Result<ClaimOutcome, any Error>]) throws -> [Claim] {
        try outcomes.compactMap { if case .claimed(let claim) = try $0.get() { claim } else { nil } }
    }

    @Test("what is free is claimed, and of each other job it is said why not") func claims() async throws {
        try await withRecords { (records, pool) async throws in
            let (_, free) = try await records.accepted("Free")
            let (gone, _) = try await records.accepted("Gone")
            guard case .accepted(_, let deletion, _) = try await records.delete(gone.id, visibleTo: nil, traceparent: nil) else { return }
            let (_, held) = try await records.accepted("Held")
            _ = try await records.claimed(held, worker: "other")
            let (_, over) = try await records.accepted("Over")
            _ = try await records.settle(records.claimed(over), as: ready)
            let (_, later) = try await records.accepted("Later")
            _ = try await records.settle(records.claimed(later), as: .failed(message: "no volume", permanent: false))
            let (_, vanished) = try await records.accepted("Vanished")
            _ = try await records.claimed(vanished, worker: "frozen", times: LeaseTimes(lease: .zero))
            let descriptors = [over, free, later, held, deletion, free, vanished]
            let outcomes = try await records.claim(
                descriptors.map { ClaimRequest($0) },
                worker: "w",
                times: LeaseTimes(),
                limits: ClassLimits(interactive: 100)
            )
            #expect(try outcomes.map { word(try $0.get()) } == ["over", "claimed", "not yet", "held", "claimed", "held", "claimed"])
            for claim in try claimed(outcomes) {
                let rows = try await pool.query(
                    """
                    SELECT j.fence = l.fence AND s.fence = l.fence AND a.fence = l.fence AND j.attempt_id = l.attempt_id AND s.job_id = j.id AND
                           l.job_id = j.id AND l.worker = 'w' AND j.worker = 'w' AND j.started_at IS NOT NULL AND
                           l.expires_at > clock_timestamp() + interval '5 s' AS agree,
                           s.provisioning_started_at IS NOT NULL AS began, l.fence, l.attempt_id,
                           (SELECT count(*) FROM job_history h WHERE h.job_id = j.id AND h.fence = j.fence AND h.to_state = 'running') AS told
                    FROM jobs j JOIN stores s ON s.id = j.store_id JOIN namespace_leases l ON l.namespace = j.namespace
                    JOIN attempts a ON a.job_id = j.id AND a.ended_at IS NULL WHERE j.id = \(claim.descriptor.id.rawValue)
                    """
                )
                let row = try #require(rows.first)
                #expect(try row["agree"] as Bool)
                #expect(try (row["began"] as Bool) == (claim.descriptor.id != deletion.id))
                #expect(try row["fence"] as Int64 == claim.fence.number)
                #expect(try row["attempt_id"] as String == claim.fence.attemptID)
                #expect(try row["told"] as Int == 1)
                #expect(claim.takenOver == (claim.descriptor.id == vanished.id))
                #expect(claim.attempt == 1)
            }
        }
    }

    @Test("while the queue is paused none of a group is claimed; with too little room as many as there is room for") func limits()
        async throws
    {
        try await withRecords { (records, _) async throws in
            var descriptors: [JobDescriptor] = []
            for number in 1...5 { descriptors.append(try await records.accepted("Store \(number)").1) }
            try await records.pause(by: "ops", reason: "backup")
            let paused = try await records.claim(
                descriptors.map { ClaimRequest($0) },
                worker: "w",
                times: LeaseTimes(),
                limits: ClassLimits(interactive: 100)
            )
            #expect(try paused.map { word(try $0.get()) } == Array(repeating: "paused", count: 5))
            _ = try await records.resume()
            let capped = try await records.claim(
                descriptors.map { ClaimRequest($0) },
                worker: "w",
                times: LeaseTimes(),
                limits: ClassLimits(interactive: 3)
            )
            #expect(try capped.map { word(try $0.get()) }.sorted() == ["capped", "capped", "claimed", "claimed", "claimed"])
        }
    }

    @Test("each of a group ends as it was told, and none that lost its namespace") func settlements() async throws {
        try await withRecords { (records, pool) async throws in
            var descriptors: [JobDescriptor] = []
            for number in 1...5 { descriptors.append(try await records.accepted("Store \(number)").1) }
            let stale = try await records.claimed(descriptors[4], worker: "frozen", times: LeaseTimes(lease: .zero))
            let claims = try claimed(
                try await records.claim(
                    descriptors.map { ClaimRequest($0) },
                    worker: "w",
                    times: LeaseTimes(),
                    limits: ClassLimits(interactive: 100)
                )
            )
            #expect(claims.count == 5)
            // Called off while it ran: ready comes too late for the store.
            _ = try await records.delete(claims[1].store.id, visibleTo: nil, traceparent: nil)
            let settled = try await records.settle([
                (stale, ready), (claims[0], ready), (claims[1], ready), (claims[2], .again(after: .zero, reason: "drained")),
                (claims[3], ready),
                (claims[4], .failed(message: "no volume", permanent: true)),
            ])
            #expect(
                settled == [
                    nil, .over(deadLettered: nil), .over(deadLettered: nil), .queued(claims[2].descriptor),
                    .over(deadLettered: nil),
                    .over(deadLettered: "no volume"),
                ]
            )
            let rows = try await pool.query(
                """
                SELECT j.state || '/' || s.status || '/' || coalesce(s.url, '') || '/' || coalesce(s.engine_version, '') || '/' || (l.expires_at = '-infinity')
                       || '/' || coalesce(a.outcome, '') AS state
                FROM jobs j JOIN stores s ON s.id = j.store_id JOIN namespace_leases l ON l.namespace = j.namespace
                JOIN attempts a ON a.fence = j.fence WHERE j.id = ANY(\(descriptors.map(\.id.rawValue))) ORDER BY j.id
                """
            )
            let served = "succeeded/ready/http://store.localhost/10.8.1/true/succeeded"
            #expect(
                try rows.map { try $0["state"] as String } == [
                    served, "cancelled/deleting///true/cancelled", "queued/provisioning///true/handed-back", served,
                    "failed/failed///true/failed",
                ]
            )
        }
    }

    @Test("groups of four workers over the same jobs claim each of them once") func race() async throws {
        try await withRecords { (records, pool) async throws in
            var descriptors: [JobDescriptor] = []
            for number in 1...24 { descriptors.append(try await records.accepted("Store \(number)").1) }
            let all = descriptors
            let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
                for worker in 0..<4 {
                    let mine = worker % 2 == 0 ? all : all.reversed()
                    group.addTask {
                        try claimed(
                            try await records.claim(
                                mine.map { ClaimRequest($0) },
                                worker: "w\(worker)",
                                times: LeaseTimes(),
                                limits: ClassLimits(interactive: 100)
                            )
                        )
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claims.map(\.descriptor.id.rawValue).sorted() == all.map(\.id.rawValue))
            let settled = try await withThrowingTaskGroup(of: [SettledJob?].self) { group in
                for share in [claims[..<12], claims[12...]] { group.addTask { try await records.settle(share.map { ($0, ready) }) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(settled == Array(repeating: .over(deadLettered: nil), count: 24))
        }
    }
}
