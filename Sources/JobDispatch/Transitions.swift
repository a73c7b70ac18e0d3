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
    package static func delay(after settlement: Settlement) -> Duration {
        if case .release(let delay, _) = settlement { delay } else { .zero }
    }

    /// Why a handler's task was cancelled.
    package enum Interruption: Sendable, Equatable {
        case cancelRequested
        case drained
    }

    /// How an attempt ends.
    package enum Ending: Sendable, Equatable {
        case settle(Settlement)
        /// The namespace is somebody else's now: write nothing, acknowledge nothing.
        case abandon
    }

    package static func ending(of outcome: AttemptOutcome, leaseLost: Bool, interruption: Interruption?) -> Ending {
        if leaseLost { return .abandon }
        switch outcome {
        case .ready(let url, let engineVersion, let change):
            return .settle(.ready(url: url, engineVersion: engineVersion, change: change))
        case .gone: return .settle(.gone)
        case .relocate(let reason): return .settle(.relocate(reason: reason))
        case .again(let delay, let reason):
            return interruption == .cancelRequested
                ? .settle(.cancelled(reason: cancelled)) : .settle(.release(after: delay, reason: reason))
        case .failed(let message, let permanent):
            switch interruption {
            case .cancelRequested: return .settle(.cancelled(reason: cancelled))
            // What failed because it was stopped has not failed.
            case .drained: return .settle(.release(after: .zero, reason: drained))
            case nil: return .settle(.failed(message: message, permanent: permanent))
            }
        case .interrupted:
            switch interruption {
            case .cancelRequested: return .settle(.cancelled(reason: cancelled))
            case .drained, nil: return .settle(.release(after: .zero, reason: drained))
            }
        }
    }

    private static let cancelled = "the store is to be deleted"
    private static let drained = "its worker was stopped"
}
