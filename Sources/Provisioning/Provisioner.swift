package import Cluster
import Foundation
import Observation
package import StoreDomain

/// Makes true what a job wants: observes, decides by `nextStep`, takes the step, records it, and looks again.
///
/// Running it twice is harmless by construction. Whatever changes the cluster asks the lease first, names
/// this attempt where it creates, and deletes only the very objects that this attempt saw.
package struct Provisioner: Sendable {
    let kubernetes: KubernetesClient
    let helm: HelmClient
    let settings: ProvisioningSettings

    package init(kubernetes: KubernetesClient, helm: HelmClient, settings: ProvisioningSettings) {
        self.kubernetes = kubernetes
        self.helm = helm
        self.settings = settings
    }

    /// Whether this worker has that version of an engine's chart. One that cannot be read is there: an attempt says what is wrong with it.
    package func hasChart(of engine: Engine, version: ChartVersion) -> Bool {
        do { return try settings.charts.chart(of: engine, version: version) != nil } catch { return true }
    }

    /// `takesOver`: Helm sets what is wanted even where another manager has set it.
    /// `isRetry`: a person asked again: the chart is applied anew, and pods that an earlier attempt left in a back-off get successors.
    /// `isChange`: the store serves; a change that fails is taken back where that is safe.
    /// `recreates`: a person asked for an empty store in place of what is lost.
    /// `data`: what is done with the store's data, before or instead of making the store as it is to be.
    /// Throws `LeaseLost` and `CancellationError`, and what the journal throws; everything else is an outcome.
    package func run(
        _ store: Store,
        desired: DesiredState,
        everReady: Bool,
        isRetry: Bool = false,
        isChange: Bool = false,
        recreates: Bool = false,
        takesOver: Bool = false,
        known: KnownValues = KnownValues(),
        data: DataJob? = nil,
        lease: any Lease,
        journal: any ProvisioningJournal
    ) async throws -> AttemptOutcome {
        var attempt = StoreAttempt(
            store: store,
            provisioner: self,
            lease: lease,
            journal: journal,
            isRetry: isRetry,
            takesOver: takesOver,
            known: known,
            memory: AttemptMemory(everReady: everReady)
        )
        attempt.memory.wantsApply = isRetry
        attempt.memory.isChange = isChange
        attempt.memory.isNeverEmpty = isChange || (isRetry && everReady && !recreates)
        if data == nil, let failure = known.failure {
            attempt.cause = failure.code
            return try await attempt.goBack(after: failure.message)
        }
        let outcome = try await attempt.outcome { attempt in
            if let data { try await attempt.work(data, toward: desired) } else { try await attempt.make(desired) }
        }
        // Of a way back to a backup nobody knows here what is in the database: there is none but that one.
        let isOnItsWayBack = data != nil && known.failure != nil
        guard isChange, !isOnItsWayBack, case .failed(let message, permanent: true) = outcome else { return outcome }
        return try await attempt.goBack(after: message)
    }
}

extension StoreAttempt {
    /// Runs it; what the cluster refuses becomes an outcome.
    mutating func outcome(_ body: (inout StoreAttempt) async throws -> AttemptOutcome) async throws -> AttemptOutcome {
        do {
            return try await body(&self)
        } catch let error as MissingChart {
            // Another worker may have it; when none has, the attempts are used up and it is told.
            cause = MissingChart.code
            return .failed(message: error.message, permanent: false)
        } catch let error as ClusterError {
            // An operation that was stopped has not failed.
            try Task.checkCancellation()
            try lease.confirm()
            if error.code == .cancelled { throw CancellationError() }
            let diagnosis = Diagnosis(error)
            try await diagnosed(diagnosis, Evidence(NamespaceView(), log: [error.message]))
            try await journal.event(diagnosis.text, kind: .error, .release)
            return .failed(message: diagnosis.text, permanent: !error.isTransient)
        }
    }
}
