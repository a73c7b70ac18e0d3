package import StoreDomain

/// Where an attempt writes what it did and saw; every call throws when the lease is lost.
package protocol ProvisioningJournal: Sendable {
    func completed(_ step: ProvisioningStep) async throws
    func failed(_ step: ProvisioningStep, error: String) async throws
    func event(_ message: String, kind: StoreEvent.Kind) async throws
    func snapshot(_ snapshot: NamespaceSnapshot) async throws
}

package enum ProvisioningOutcome: Sendable, Equatable {
    case ready(url: String, engineVersion: String?)
    case gone
    /// `message` is for people: cause and advice. `permanent`: the same again cannot succeed.
    case failed(message: String, permanent: Bool)
    /// Something has to pass by itself first.
    case again(after: Duration, reason: String)
    case relocate(reason: String)
}
