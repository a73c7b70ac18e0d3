import Foundation
package import JobDispatch
package import Logging
package import Provisioning
import StoreDomain
import StoreRecords

/// Does a job's work by the provisioner; the bridge between what a job wants and what the cluster is.
package struct ProvisioningHandler: JobHandler {
    private let provisioner: Provisioner
    private let logger: Logger

    package init(provisioner: Provisioner, logger: Logger) {
        self.provisioner = provisioner
        self.logger = logger
    }

    package func run(_ attempt: Attempt) async -> AttemptOutcome {
        do {
            let outcome = try await provisioner.run(
                attempt.store,
                desired: attempt.kind.wants,
                everReady: attempt.claim.everReady,
                replacesStuckPods: attempt.kind == .retry,
                lease: attempt.lease,
                journal: AttemptJournal(attempt: attempt)
            )
            return switch outcome {
            case .ready(let url, let engineVersion): .ready(url: url, engineVersion: engineVersion)
            case .gone: .gone
            case .failed(let message, let permanent): .failed(message: message, permanent: permanent)
            case .again(let delay, let reason): .again(after: delay, reason: reason)
            case .relocate(let reason): .relocate(reason: reason)
            }
        } catch {
            if Task.isCancelled || error is LeaseLost || error is CancellationError { return .interrupted }
            // PostgreSQL would not take a note just now: the same again will do.
            logger.warning("An attempt could not be recorded", metadata: ["store": "\(attempt.store.id)", "error": "\(error)"])
            return .again(after: .seconds(5), reason: "the database was away")
        }
    }
}

/// The provisioner's notes as fenced writes.
private struct AttemptJournal: ProvisioningJournal {
    let attempt: Attempt

    func completed(_ step: ProvisioningStep) async throws { try await attempt.completed(step) }
    func failed(_ step: ProvisioningStep, error: String) async throws { try await attempt.failed(step, error: error) }
    func snapshot(_ snapshot: NamespaceSnapshot) async throws { try await attempt.record(snapshot) }

    func event(_ message: String, kind: StoreEvent.Kind) async throws {
        try await attempt.record(StoreEvent(timestamp: Date(), message: message, kind: kind))
    }
}
