package import StoreDomain
package import StoreRecords

/// The decisions of a job's life, without any I/O. Every case is spelled out.
package enum Transitions {
    /// What follows a taking in Redis, once PostgreSQL has spoken.
    package enum AfterClaim {
        case run(Claim)
        case release(after: Duration, reason: String)
        /// `deadLettered`: why it failed for good.
        case forget(deadLettered: String?)
    }

    package static func after(_ outcome: ClaimOutcome) -> AfterClaim {
        switch outcome {
        case .claimed(let claim): .run(claim)
        // Looked at again before the lease can lapse: its holder may give it back any moment.
        case .held(let remaining):
            .release(after: max(min(remaining, .seconds(2)), .milliseconds(100)), reason: "another attempt holds the namespace")
        case .notYet(let wait): .release(after: wait, reason: "it is to wait")
        case .capped(let wait): .release(after: wait, reason: "as many jobs of its class run as may")
        case .paused(let wait): .release(after: wait, reason: "the queue is paused")
        case .over(let deadLettered): .forget(deadLettered: deadLettered)
        }
    }

    /// What follows when PostgreSQL did not answer a claim.
    package static let afterFailedClaim = (delay: Duration.seconds(1), reason: "PostgreSQL did not answer")

    /// How long Redis is to keep back a job that was queued again. After a failure PostgreSQL knows by its own clock; the next claim hears it.
    package static func delay(after outcome: AttemptOutcome) -> Duration {
        if case .again(let delay, _) = outcome { delay } else { .zero }
    }

    /// Why a handler's task was cancelled.
    package enum Interruption: Sendable, Equatable {
        case cancelRequested
        case drained
    }

    /// What is settled of an attempt; `nil`: the namespace is somebody else's now, so write nothing and acknowledge nothing.
    package static func settlement(of outcome: AttemptOutcome, leaseLost: Bool, interruption: Interruption?) -> AttemptOutcome? {
        if leaseLost { return nil }
        switch (outcome, interruption) {
        case (.failed, .cancelRequested), (.again, .cancelRequested): return .cancelled(reason: "the store is to be deleted")
        // What failed because it was stopped has not failed.
        case (.failed, .drained): return .interrupted
        // What was done is done.
        case (.failed, nil), (.again, .drained), (.again, nil), (.ready, _), (.gone, _), (.relocate, _), (.cancelled, _): return outcome
        }
    }
}
