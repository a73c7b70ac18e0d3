package import StoreDomain
package import StoreRecords

/// One attempt at a job, as a handler sees it: what is wanted, and for which store. What is written of it is written under its claim.
package struct Attempt: Sendable {
    package let claim: Claim
    package let lease: any Lease

    package var kind: JobKind { claim.descriptor.kind }
    package var store: Store { claim.store }
}

/// Does the work of jobs.
package protocol JobHandler: Sendable {
    /// Returns once nothing that it started still runs. When its task is cancelled it stops as soon as it can.
    func run(_ attempt: Attempt) async -> AttemptOutcome
}
