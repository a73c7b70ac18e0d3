package import StoreDomain

/// Where an attempt writes what it did and saw; every call throws when the lease is lost.
package protocol ProvisioningJournal: Sendable {
    func completed(_ step: ProvisioningStep) async throws
    func failed(_ step: ProvisioningStep, error: String) async throws
    /// A line of the build log.
    func say(_ text: String, kind: StoreEvent.Kind, stage: BuildStage?, source: BuildSource) async throws
    func release(_ release: ReleaseRecord) async throws
    /// With what the owner signs in to the store. `signIn`: the secret of which the key of sign-in tokens is made; `nil` where the store takes none.
    func administrator(user: String, password: SecretText, signIn: SecretText?) async throws
    /// The change failed, and what follows gives the store back what it had: `spec`.
    func goesBack(to spec: StoreSpec, after message: String) async throws
    /// What the spec left open, and all values that the chart is about to be installed with, as a JSON object.
    func resolved(_ spec: StoreSpec, values: String) async throws
    /// Keeps a certificate for the next store of this owner at its host.
    func keep(_ certificate: KeptCertificate) async throws
    /// What was kept of the store's owner for a host, while it lasts.
    func certificate(of host: String) async throws -> KeptCertificate?
    /// Why the attempt fails: a word such as `image-pull`, and as JSON what the cluster said.
    func diagnosed(cause: String, evidence: String) async throws
}

extension ProvisioningJournal {
    func event(_ text: String, kind: StoreEvent.Kind = .normal, _ stage: BuildStage) async throws {
        try await say(text, kind: kind, stage: stage, source: .worker)
    }
}
