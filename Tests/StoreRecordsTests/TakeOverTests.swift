import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Claims of namespaces whose holder was lost.
@Suite struct TakeOverTests {
    private let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: nil)

    @Test("a claim that takes over from another job's lost attempt closes that first, alone and in a group", arguments: [false, true])
    func other(together: Bool) async throws {
        try await withRecords { (records, pool) async throws in
            let (store, provision) = try await records.accepted("Acme")
            let lost = try await records.claimed(provision, times: LeaseTimes(lease: .zero))
            guard
                case .accepted(_, let deletion, _) = try await records.delete(
                    store.id,
                    visibleTo: nil,
                    traceparent: nil,
                    by: tester
                )
            else { throw TestSupportError(message: "not deleted") }
            let (_, unrelated) = try await records.accepted("Other")
            let jobs = together ? [unrelated, deletion] : [deletion]
            let outcomes = try await records.claim(
                jobs.map { ClaimRequest($0) },
                worker: "w2",
                times: LeaseTimes(),
                limits: ClassLimits(interactive: 9)
            )
            guard case .claimed(let claim) = try outcomes[jobs.count - 1].get() else { throw TestSupportError(message: "not claimed") }
            #expect(claim.takenOver)
            let open = try await pool.query("SELECT fence FROM attempts WHERE store_id = \(store.id.rawValue) AND ended_at IS NULL")
            #expect(try open.map { try $0["fence"] as Int64 } == [claim.fence.number])
            let attempts = try #require(try await records.attempts(of: store.id, visibleTo: nil))
            #expect(attempts.first { $0.id == lost.fence.number }?.outcome == .cancelled)
            #expect(try await records.job(provision.id)?.job.state == .cancelled)
            #expect(try await records.releaseLapsed().isEmpty)
            _ = try await records.settle(claim, as: .gone)
            #expect(try await records.inconsistencies().isEmpty)
        }
    }

    @Test("the job that lost its namespace is queued again, and has its turn after the one that took over") func queued() async throws {
        try await withRecords { (records, pool) async throws in
            let (store, provision) = try await records.accepted("Acme")
            _ = try await records.settle(try await records.claimed(provision), as: ready)
            guard
                case .accepted(_, let change) = try await records.change(
                    ChangeRequest(store.id, StoreChange(plan: .large)),
                    limits: roomy,
                    by: tester
                ), case .accepted(_, _, let backup) = try await records.requestBackup(of: store.id)
            else {
                throw TestSupportError(message: "not accepted")
            }
            let lost = try await records.claimed(change, times: LeaseTimes(lease: .zero))
            let claim = try await records.claimed(backup, worker: "w2")
            #expect(claim.takenOver)
            #expect(try await records.attempts(of: store.id, visibleTo: nil)?.first { $0.id == lost.fence.number }?.outcome == .vanished)
            let job = try #require(try await records.job(change.id)?.job)
            #expect(job.state == .queued && job.reclaims == 1 && job.worker == nil)
            _ = try await records.settle(claim, as: .done)
            _ = try await records.settle(try await records.claimed(change), as: ready)
            #expect(try await records.store(store.id, visibleTo: nil)?.appliedGeneration == 2)
            // The lease of a job that ended, or released its namespace, is nobody's to take over from.
            #expect(try await pool.query("SELECT 1 FROM attempts WHERE ended_at IS NULL").isEmpty)
        }
    }
}
