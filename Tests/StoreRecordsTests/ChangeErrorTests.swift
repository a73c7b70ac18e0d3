import Postgres
import StoreDomain
import StoreRecords
import TestSupport
import Testing

/// Changes that were not made of a store that serves.
@Suite struct ChangeErrorTests {
    private let failure = ChangeFailure(code: "helm-conflict", message: "kubectl-set has set .spec.replicas, which Helm is to set.")
    private let ready = AttemptOutcome.ready(url: "http://acme.localhost", engineVersion: nil)
    private var unchanged: AttemptOutcome { .ready(url: "http://acme.localhost", engineVersion: nil, change: failure) }

    @Test("a change that was not made is told of the ready store, and can be tried again or forced; once it is made it is forgotten")
    func life() async throws {
        try await withRecords { (records, _) async throws in
            let (store, descriptor) = try await records.accepted("Acme")
            let first = try await records.claimed(descriptor)
            #expect(!first.takesOver)
            _ = try await records.settle(first, as: unchanged)
            var told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.changeError?.failure == failure)
            for takeOver in [false, true] {
                guard
                    case .accepted(let retried, let again) = try await records.retry(
                        store.id,
                        takeOver: takeOver,
                        visibleTo: nil,
                        traceparent: nil
                    )
                else {
                    Issue.record("not accepted")
                    return
                }
                #expect(retried.status == .ready && retried.changeError == nil && again.kind == .apply)
                let claim = try await records.claimed(again)
                #expect(claim.takesOver == takeOver)
                _ = try await records.settle(claim, as: takeOver ? ready : unchanged)
            }
            told = try #require(try await records.store(store.id, visibleTo: nil))
            #expect(told.status == .ready && told.changeError == nil)
            guard case .notFailed = try await records.retry(store.id, takeOver: true, visibleTo: nil, traceparent: nil) else {
                Issue.record("a store without an error was retried")
                return
            }
        }
    }

    @Test("of stores that are settled together each has its own error") func together() async throws {
        try await withRecords { (records, _) async throws in
            var ends: [(claim: Claim, outcome: AttemptOutcome)] = []
            for number in 1...4 {
                let claim = try await records.claimed(try await records.accepted("Store \(number)").1)
                ends.append((claim, number.isMultiple(of: 2) ? unchanged : ready))
            }
            #expect(try await records.settle(ends) == Array(repeating: .over(deadLettered: nil), count: 4))
            for (claim, outcome) in ends {
                let store = try #require(try await records.store(claim.store.id, visibleTo: nil))
                #expect(store.status == .ready && store.changeError?.failure == (outcome == ready ? nil : failure))
            }
        }
    }
}
