import JobDispatch
import StoreDomain
import StoreRecords
import Testing

@Suite struct TransitionsTests {
    @Test(
        "an attempt that lost its lease ends without a word, whatever its handler says",
        arguments: [
            AttemptOutcome.ready(url: "u", engineVersion: nil), .gone, .failed(message: "m", permanent: true),
            .again(after: .zero, reason: "r"), .relocate(reason: "r"), .interrupted,
        ]
    )
    func lost(outcome: AttemptOutcome) {
        for interruption in [nil, Transitions.Interruption.cancelRequested, .drained] {
            #expect(Transitions.settlement(of: outcome, leaseLost: true, interruption: interruption) == nil)
        }
    }

    @Test("what failed because it was stopped has not failed") func stopped() {
        let failed = AttemptOutcome.failed(message: "helm was killed", permanent: true)
        #expect(Transitions.settlement(of: failed, leaseLost: false, interruption: .drained) == .interrupted)
        #expect(
            Transitions.settlement(of: failed, leaseLost: false, interruption: .cancelRequested)
                == .cancelled(reason: "the store is to be deleted")
        )
        #expect(Transitions.settlement(of: failed, leaseLost: false, interruption: nil) == failed)
    }

    @Test("what was done is done, although it was to be stopped") func done() {
        for interruption in [Transitions.Interruption.cancelRequested, .drained] {
            #expect(Transitions.settlement(of: .gone, leaseLost: false, interruption: interruption) == .gone)
        }
    }

    @Test("a job whose namespace is held is looked at again soon, but not at once") func held() {
        for (remaining, wait) in [(Duration.zero, Duration.milliseconds(100)), (.seconds(1), .seconds(1)), (.seconds(12), .seconds(2))] {
            guard case .release(let delay, _) = Transitions.after(.held(retryAfter: remaining)) else {
                Issue.record("not handed back")
                continue
            }
            #expect(delay == wait)
        }
    }

    @Test("how long a failed job waits is left to PostgreSQL's clock") func delays() {
        #expect(Transitions.delay(after: .again(after: .seconds(7), reason: "r")) == .seconds(7))
        #expect(Transitions.delay(after: .failed(message: "m", permanent: false)) == .zero)
        #expect(Transitions.delay(after: .relocate(reason: "r")) == .zero)
    }
}
