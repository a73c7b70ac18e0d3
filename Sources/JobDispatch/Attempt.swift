package import StoreDomain
package import StoreRecords

/// One attempt at a job, as a handler sees it: what is wanted, for which store, and the fenced ways to write about it.
package struct Attempt: Sendable {
    package let claim: Claim
    package let lease: any Lease
    private let records: StoreRecords

    init(claim: Claim, lease: any Lease, records: StoreRecords) {
        self.claim = claim
        self.lease = lease
        self.records = records
    }

    package var kind: JobKind { claim.descriptor.kind }
    package var store: Store { claim.store }

    /// Each throws `LeaseLost` when PostgreSQL refuses it, `PostgresError` when it cannot be reached.
    package func completed(_ step: ProvisioningStep) async throws { try await records.complete(step, under: claim) }

    package func failed(_ step: ProvisioningStep, error: String) async throws { try await records.fail(step, error: error, under: claim) }

    /// A line of the build log.
    package func say(_ text: String, kind: StoreEvent.Kind, stage: BuildStage?, source: BuildSource) async throws {
        try await records.append(text, kind: kind, stage: stage, source: source, under: claim)
    }

    /// The change failed, and the store is to get back what it had.
    package func goBack(to spec: StoreSpec, after message: String) async throws {
        try await records.goBack(to: spec, after: message, under: claim)
    }

    /// What the spec left open, and the chart's values as a JSON object.
    package func resolve(_ spec: StoreSpec, values: String) async throws { try await records.resolve(spec, values: values, under: claim) }

    package func record(_ release: ReleaseRecord) async throws { try await records.save(release, under: claim) }

    package func record(_ credentials: SealedText) async throws { try await records.save(credentials, under: claim) }

    /// `cause`: a word such as `image-pull`; `evidence`: JSON.
    package func record(cause: String, evidence: String) async throws {
        try await records.record(cause: cause, evidence: evidence, under: claim)
    }
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
