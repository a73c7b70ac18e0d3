import Cluster
import Foundation
import Observation
import StoreDomain

/// Waiting until the store sells, by watching.
extension StoreAttempt {
    /// What one wait has seen so far.
    private struct Progress {
        var diagnosis: (Diagnosis, since: ContinuousClock.Instant)?
        var hasAdministrator = false
        var manifest: String?
        var manifestTries = 0
        var didRestartPods = false
        /// Why the store does not sell yet, though all its pods are well, and since when.
        var problem: String?
        var unservedSince: ContinuousClock.Instant?
        /// It is not asked before: each order that begins leaves a cart.
        var nextVisit: ContinuousClock.Instant?
        /// Why the namespace could not be read; each reason is told once.
        var unread: Set<String> = []
    }

    private enum Sight {
        case outcome(AttemptOutcome)
        /// All pods are well, and the store did not serve for as long as is borne.
        case unserved
        /// The app has two pods, and not all pods have room.
        case crowded
    }

    /// `nil`: look again, with what is remembered now.
    mutating func verify(_ desired: DesiredState) async throws -> AttemptOutcome? {
        switch desired {
        case .asleep: try await verifyAsleep()
        case .closed: try await verifyClosed()
        case .running, .shut, .gone: try await verifyRunning(isShut: desired == .shut)
        }
    }

    private mutating func verifyRunning(isShut: Bool) async throws -> AttemptOutcome? {
        let limit = settings.limit(of: store.engine)
        let deadline = readyBy ?? .now + limit
        readyBy = deadline
        var progress = Progress()
        try await complete(.namespaceCreated, .secretsGenerated)
        let kinds: [ObservedKind] = [.pods, .deployments, .statefulSets, .ingresses, .events]
        let changes = NamespaceChanges(kubernetes: kubernetes, paths: kinds.map { $0.path(in: store.namespace) })
        switch try await changes.follow({ try await look(&progress, isShut: isShut, deadline: deadline, limit: limit) }) {
        case .outcome(let outcome): return outcome
        case .unserved:
            memory.isUnserved = true
            return nil
        case .crowded:
            memory.replacesFirst = true
            memory.wantsApply = true
            let text = "There is no room for the new app beside the one that serves, which goes first"
            try await journal.event(text, kind: .warning, .workloads)
            return nil
        }
    }

    /// The app's pods get successors: the set-up of these may have ended before its time, and whoever trusted it serves an empty store.
    mutating func restartApp() async throws {
        memory.hasRestarted = true
        let view = try await NamespaceView.look(at: store.namespace, with: kubernetes)
        let pods = view.livingPods.filter { $0.metadata.storeID == store.id.rawValue && $0.metadata.component == "app" }
        try await replace(pods)
        try await journal.event("The pods are well, but the store does not serve: its app is started anew", kind: .warning, .workloads)
    }

    private mutating func look(
        _ progress: inout Progress,
        isShut: Bool,
        deadline: ContinuousClock.Instant,
        limit: Duration
    ) async throws -> Sight? {
        try lease.confirm()
        let view: NamespaceView
        do {
            view = try await NamespaceView.look(at: store.namespace, with: kubernetes)
            if isRetry, !progress.didRestartPods { try await replaceStuckPods(view) }
            progress.didRestartPods = true
        } catch let error as ClusterError where error.isTransient {
            // The API server flaps; the store's own time limit goes on.
            guard ContinuousClock.now < deadline else { throw error }
            let reason = "The namespace cannot be read now: \(error.message)"
            if progress.unread.insert(reason).inserted, progress.unread.count <= 20 {
                try await journal.event(reason, kind: .warning, .workloads)
            }
            return nil
        }
        if !progress.hasAdministrator { try await recordAdministrator(view) }
        progress.hasAdministrator = true
        try await recordRelease(&progress)
        if view.isReady(component: "database", among: view.statefulSets) { try await complete(.databaseReady) }
        if completed.contains(.databaseReady), view.isReady(component: "app", among: view.deployments) {
            try await complete(.appDeployed)
        }
        if !view.allReady { progress.unservedSince = nil }
        // Nobody is to reach a hidden store, or one that is shut.
        let isReached =
            store.isVerification || isShut || !view.ingresses.serving.isEmpty && Diagnosis.ofIngress(in: view, grace: settings.grace) == nil
        if view.allReady, isReached, completed.contains(.appDeployed), try await volumesAreGrown(view), try await sells(view, &progress) {
            try await complete(.ingressReady)
            let url = plan?.url ?? settings.addressing.url(for: store.namespace)
            try await journal.event(isShut ? "The store sells, and is still shut" : "The store answers at \(url)", .storefront)
            return .outcome(.ready(url: url, engineVersion: view.engineVersion))
        }
        if let since = progress.unservedSince, !memory.hasRestarted, ContinuousClock.now - since >= settings.grace.unserved {
            return .unserved
        }
        if isCrowded(view, progress) { return .crowded }
        var grace = settings.grace
        // Its shoppers wait, and what it was is there to go back to.
        if isShut { grace.crashes = min(grace.crashes, 2) }
        return try await failure(view, &progress, grace: grace, deadline: deadline, limit: limit).map { .outcome($0) }
    }

    /// Whether the app's new pod finds no room beside its predecessor, or leaves none to the database. More nodes would not help: they share a volume.
    private func isCrowded(_ view: NamespaceView, _ progress: Progress) -> Bool {
        guard plan?.startsBeside == true, !memory.replacesFirst, let (diagnosis, since) = progress.diagnosis,
            diagnosis.cause == .unschedulable
        else { return false }
        let apps = view.livingPods.filter { $0.metadata.storeID == store.id.rawValue && $0.metadata.component == "app" }
        return apps.count > 1 && ContinuousClock.now - since >= min(settings.grace.unschedulable, .seconds(10))
    }

    /// As the Secret has it now, whoever wrote it there last.
    func recordAdministrator(_ view: NamespaceView) async throws {
        let place = StoreSecrets.administrator(of: store)
        guard let data = try await kubernetes.get(namespacePath + "/secrets/" + place.secret)?["data"],
            let user = data[place.user].decodedText, let password = data[place.password].decodedText
        else { return }
        let signIn = view.offersAdminSession ? data[place.signIn].decodedText : nil
        try await journal.administrator(user: user, password: SecretText(value: password), signIn: signIn.map { SecretText(value: $0) })
    }

    /// People want to see it, but no store fails for want of it: what Helm cannot tell now is asked again a few times.
    private func recordRelease(_ progress: inout Progress) async throws {
        guard progress.manifest == nil, progress.manifestTries < 3 else { return }
        progress.manifestTries += 1
        do {
            let manifest = ManifestRedaction.redact(try await provisioner.helm.manifest(release: release, namespace: namespace))
            let secrets = try await kubernetes.list(namespacePath + "/secrets?fieldSelector=type%3DOpaque").map {
                ResourceSummary(kind: "Secret", name: $0.name, status: .active, createdAt: $0.createdAt)
            }
            try await journal.release(ReleaseRecord(manifest: manifest, secrets: secrets.sorted { $0.name < $1.name }))
            progress.manifest = manifest
        } catch is ClusterError { try Task.checkCancellation() }
    }

    /// A state that outlasted its grace, or the end of the store's time; recorded before anything is cleaned up.
    private mutating func failure(
        _ view: NamespaceView,
        _ progress: inout Progress,
        grace: GracePeriods,
        deadline: ContinuousClock.Instant,
        limit: Duration
    ) async throws -> AttemptOutcome? {
        let now = ContinuousClock.now
        let diagnosis = Diagnosis.first(in: view, grace: grace)
        if let diagnosis, progress.diagnosis?.0.cause != diagnosis.cause {
            progress.diagnosis = (diagnosis, now)
            if diagnosis.cause != .notReady { try await journal.event(diagnosis.what, kind: .warning, .workloads) }
        }
        if diagnosis == nil { progress.diagnosis = nil }
        var verdict: Diagnosis?
        if let diagnosis, let since = progress.diagnosis?.since, let patience = grace.limit(for: diagnosis.cause),
            now - since >= patience
        {
            verdict = diagnosis
        } else if now >= deadline {
            var late =
                diagnosis
                ?? Diagnosis(
                    cause: progress.problem == nil ? .timeLimit : .storeUnserved,
                    what: progress.problem.map { "The store runs, but \($0)." } ?? "It is still starting.",
                    advice: "Retry to wait longer."
                )
            late.what = "The store was not ready within \(limit.components.seconds / 60) minutes. " + late.what
            verdict = late
        }
        guard var verdict else { return nil }
        let words = try await lastLogLines(of: verdict)
        if !words.isEmpty { verdict.what += " Last log lines: " + words.suffix(5).joined(separator: " / ").plain(atMost: 600) }
        let step = ProvisioningStep.allCases.first { !completed.contains($0) } ?? .ingressReady
        for line in words { try await journal.event(line, kind: .warning, .workloads) }
        try await diagnosed(verdict, Evidence(view, log: words))
        try await journal.failed(step, error: verdict.text)
        try await journal.event(verdict.text, kind: .error, step.stage)
        return .failed(message: verdict.text, permanent: true)
    }

    /// Of the container that the diagnosis names, as it ended last.
    private func lastLogLines(of diagnosis: Diagnosis) async throws -> [String] {
        guard let container = diagnosis.container else { return [] }
        let log = try? await kubernetes.log(of: container, in: store.namespace, tail: 20, previous: true, atMost: 64 << 10)
        return (log ?? "").split(whereSeparator: \.isNewline).suffix(20).map { LogRedaction.redact($0) }
    }

    /// An earlier attempt's pods may sit in a long back-off although their cause is gone: new ones try at once.
    private func replaceStuckPods(_ view: NamespaceView) async throws {
        try await replace(view.livingPods.filter { $0.metadata.storeID == store.id.rawValue && $0.isStuckInBackOff })
    }

    func replace(_ pods: [Pod]) async throws {
        for pod in pods {
            guard let uid = pod.metadata.uid else { continue }
            try await toleratingConflict { try await kubernetes.delete(namespacePath + "/pods/" + pod.name, uid: uid, under: lease) }
        }
    }

    /// What only the store and the platform know; Medusa has none.
    private func salt() async throws -> String? {
        guard store.engine == .woocommerce else { return nil }
        return try await kubernetes.get(namespacePath + "/secrets/wordpress-secret")?["data"]["nonce-salt"].decodedText
    }

    /// Whether the store serves its catalogue and an order can begin; what it says instead is kept in case time runs out.
    private func sells(_ view: NamespaceView, _ progress: inout Progress) async throws -> Bool {
        if let next = progress.nextVisit, ContinuousClock.now < next { return false }
        guard let storefront = Storefront(store.engine, in: store.namespace, view: view, kubernetes: kubernetes) else { return false }
        let hasSamples = view.sampleProducts > 0
        // Later the products are the owner's: all may be gone, and the store is as it should be.
        progress.problem = try await storefront.catalogueProblem(needsProduct: hasSamples && !memory.everReady)
        if progress.problem == nil, hasSamples {
            progress.problem = try await storefront.orderProblem(isOwners: memory.everReady, salt: try await salt())
        }
        guard progress.problem != nil else { return true }
        progress.unservedSince = progress.unservedSince ?? .now
        progress.nextVisit = .now + .seconds(2)
        return false
    }
}
