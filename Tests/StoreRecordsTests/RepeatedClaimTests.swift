import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

@Suite struct RepeatedClaimTests {
    @Test("a claim whose answer was lost is the same claim when it is asked for again, alone or in a group") func repeated() async throws {
        try await withRecords { (records, pool) async throws in
            var wanted: [ClaimRequest] = []
            for number in 1...3 { wanted.append(ClaimRequest(try await records.accepted("Store \(number)").1)) }
            func claim(_ requests: [ClaimRequest], worker: String = "w") async throws -> [Fence?] {
                try await records.claim(requests, worker: worker, times: LeaseTimes(), limits: ClassLimits(interactive: 3)).map {
                    if case .claimed(let claim) = try $0.get() { claim.fence } else { nil }
                }
            }
            let first = try await claim(wanted)
            #expect(!first.contains(nil))
            #expect(try await claim(wanted) == first)
            _ = try await records.pause(by: "ops", reason: "backup")
            #expect(try await claim([wanted[1]]) == [first[1]])
            _ = try await records.resume()
            // Another attempt, or the same words from another worker, get nothing.
            #expect(try await claim([ClaimRequest(wanted[0].job)]) == [nil])
            #expect(try await claim([wanted[0]], worker: "other") == [nil])
            let attempts = try await pool.query(
                "SELECT count(*) AS n, max(attempt) AS most FROM jobs JOIN attempts a ON a.job_id = jobs.id"
            )
            #expect(try attempts.first?["n"] as Int? == 3 && attempts.first?["most"] as Int? == 1)
        }
    }
}
