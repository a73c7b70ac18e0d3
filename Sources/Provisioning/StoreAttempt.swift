import Cluster
import StoreDomain

/// One attempt at one store.
struct StoreAttempt {
    var store: Store
    let provisioner: Provisioner
    let lease: any Lease
    let journal: any ProvisioningJournal
    let isRetry: Bool
    let takesOver: Bool
    let known: KnownValues
    var memory: AttemptMemory
    /// Made at the first look at a namespace of ours; of what is desired now.
    var plan: ReleasePlan?
    /// The administrator's Secret as it was before this attempt; `nil` where it did not change it.
    var oldAdministrator: JSON?
    /// Why the attempt fails: the word of the last diagnosis.
    var cause: String?
    /// Volumes were asked for with more than they had, and have it not yet.
    var growsVolumes = false
    /// The steps that this attempt has told of.
    var completed: Set<ProvisioningStep> = []
    /// When this attempt granted itself the rights in the namespace.
    var grantedAt: ContinuousClock.Instant?
    /// When the store's time to become ready is over; it begins with the first look at a release that is as wanted.
    var readyBy: ContinuousClock.Instant?

    var kubernetes: KubernetesClient { provisioner.kubernetes }
    var settings: ProvisioningSettings { provisioner.settings }
    var release: String { store.id.rawValue }
    var namespace: String { store.namespace.rawValue }
    var namespacePath: String { "/api/v1/namespaces/\(namespace)" }

    /// As `run`, also where the attempt has made something else before.
    mutating func make(_ desired: DesiredState) async throws -> AttemptOutcome {
        plan = nil
        readyBy = nil
        memory.isUnserved = false
        memory.hasRestarted = false
        return try await run(desired)
    }

    mutating func run(_ desired: DesiredState) async throws -> AttemptOutcome {
        var budget = RetryBudget(limit: desired == .gone ? settings.uninstallLimit : settings.limit(of: store.engine))
        // Each step changes what is seen; what goes on for longer than this goes in circles.
        var steps = 0
        var last: (step: Step, times: Int)?
        while steps < 20 {
            try Task.checkCancellation()
            do {
                let observed = try await observe(desired)
                let step = nextStep(desired: desired, observed: observed, memory: memory)
                last = last?.step == step ? (step, (last?.times ?? 0) + 1) : (step, 1)
                if let last, last.times > 2, let helm = step.helmCommand {
                    return .failed(
                        message: "Helm \(helm) ended without an error \(last.times - 1) times, and nothing came of it.",
                        permanent: false
                    )
                }
                if let outcome = try await take(step, desired, observed) { return outcome }
                steps += 1
            } catch let error as ClusterError where error.isTransient || isTooEarly(error) {
                // The cluster flaps or is away: what was done stands, and the next look tells what is left.
                last = nil
                try Task.checkCancellation()
                try lease.confirm()
                guard let pause = budget.pause() else { throw error }
                if budget.isFirst(error.message) { try await journal.event(error.message, kind: .warning, .release) }
                try await Task.sleep(for: pause)
            }
        }
        return .failed(message: "The store does not settle: every step was taken and none lasted.", permanent: false)
    }

    /// `nil`: look again.
    private mutating func take(_ step: Step, _ desired: DesiredState, _ observed: Observed) async throws
        -> AttemptOutcome?
    {
        switch step {
        case .createNamespace: try await createNamespace()
        case .waitUntilNamespaceIsGone:
            if let stuck = try await waitUntilNamespaceIsGone() {
                return desired == .gone ? .failed(message: stuck, permanent: false) : .again(after: .seconds(10), reason: stuck)
            }
        case .relocate: return .relocate(reason: "The namespace \(namespace) belongs to somebody else.")
        case .grantAccess: try await grantAccess()
        case .createSecrets: try await createSecrets()
        case .apply: if let plan { return try await apply(plan, desired) }
        case .unlock: if let record = observed.record { try await unlock(record) }
        case .uninstall: try await uninstall(desired)
        case .deleteNamespace: if let uid = observed.namespaceUID { try await deleteNamespace(uid: uid) }
        case .verify: return try await verify(desired)
        case .restart: try await restartApp()
        case .done: return .gone
        case .giveUp(let reason): return .failed(message: reason, permanent: true)
        case .giveUpLost(let reason): return try await giveUpLost(reason)
        }
        return nil
    }

    /// Records steps that are done, each once.
    mutating func complete(_ steps: ProvisioningStep...) async throws {
        for step in steps where !completed.contains(step) {
            try await journal.completed(step)
            try await journal.event(step.label, step.stage)
            completed.insert(step)
        }
    }

    /// A failure that another step makes good.
    func tolerating(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as ClusterError {
            try Task.checkCancellation()
            try lease.confirm()
            try await journal.event(error.message, kind: .warning, .release)
        }
    }

    /// It is there already: what the next look finds decides.
    func toleratingConflict(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as ClusterError where error.code == .status(409) { return }
    }
}

extension ProvisioningStep {
    var stage: BuildStage {
        switch self {
        case .namespaceCreated: .namespace
        case .secretsGenerated: .secrets
        case .databaseReady, .appDeployed: .workloads
        case .ingressReady: .storefront
        }
    }
}
