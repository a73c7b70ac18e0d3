package import StoreDomain
package import StoreRecords

/// One attempt at a job, as a handler sees it: what is wanted, and for which store. What is written of it is written under its claim.
package struct Attempt: Sendable {
    package let claim: Claim
    package let lease: any Lease

    package var kind: JobKind { claim.descriptor.kind }
    package var store: Store { claim.store }
}

/// What became of an attempt, in its handler's words.
package enum AttemptOutcome: Sendable, Equatable {
    /// `change`: the store serves, but not as it was wanted.
    case ready(url: String, engineVersion: String?, change: ChangeFailure? = nil)
    case gone
    /// `permanent`: the same again cannot succeed.
    case failed(message: String, permanent: Bool)
    /// Something has to pass by itself first; costs no attempt.
    case again(after: Duration, reason: String)
    /// The namespace is somebody else's.
    case relocate(reason: String)
    /// The handler's task was cancelled and it stopped, its children ended.
    case interrupted
}

/// Does the work of jobs.
package protocol JobHandler: Sendable {
    /// Returns once nothing that it started still runs. When its task is cancelled it stops as soon as it can.
    func run(_ attempt: Attempt) async -> AttemptOutcome
}
