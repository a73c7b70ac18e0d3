import Cluster
import Foundation
import StoreDomain

/// Waiting until the store sells, by watching.
extension StoreAttempt {
    /// What one wait has seen so far.
    private struct Progress {
        var completed: Set<ProvisioningStep> = []
        var problem: (Problem, since: ContinuousClock.Instant)?
        var manifest: String?
        var manifestTries = 0
        var kicked = false
        /// Why the shop does not sell yet, though all its pods are well.
        var complaint: String?
    }

    func verify() async throws -> ProvisioningOutcome {
        let limit = settings.limits[store.engine] ?? .seconds(600)
        let deadline = ContinuousClock.now + limit
        var progress = Progress()
        try await complete([.namespaceCreated, .secretsGenerated], in: &progress)
        let core = namespacePath + "/"
        let apps = "/apis/apps/v1/namespaces/\(namespace)/"
        let changes = NamespaceChanges(
            kubernetes: kubernetes,
            paths: [core + "pods", apps + "deployments", apps + "statefulsets", core + "events"]
        )
        return try await changes.follow { try await look(&progress, deadline: deadline, limit: limit) }
    }

    private func look(_ progress: inout Progress, deadline: ContinuousClock.Instant, limit: Duration) async throws -> ProvisioningOutcome? {
        try lease.confirm()
        let view: NamespaceView
        do {
            view = try await NamespaceView.look(at: store.namespace, with: kubernetes)
            if replacesStuckPods, !progress.kicked { try await replaceStuckPods(view) }
            progress.kicked = true
        } catch let error as ClusterError where error.isTransient {
            // The API server flaps; the store's own time limit goes on.
            if ContinuousClock.now < deadline { return nil }
            throw error
        }
        try await fetchManifest(&progress)
        let before = progress.completed
        if view.isReady(component: "database", in: view.statefulSets) { try await complete([.databaseReady], in: &progress) }
        if before.union(progress.completed).contains(.databaseReady), view.isReady(component: "app", in: view.deployments) {
            try await complete([.appDeployed], in: &progress)
        }
        if view.isWhole, !view.ingresses.isEmpty, progress.completed.contains(.appDeployed), try await sells(view, &progress) {
            try await complete([.ingressReady], in: &progress)
            try await journal.snapshot(view.snapshot(manifest: progress.manifest, at: Date()))
            let url = settings.addressing.url(for: store.namespace)
            try await journal.event("The store answers at \(url)", kind: .normal)
            return .ready(url: url, engineVersion: view.engineVersion)
        }
        if progress.completed != before { try await journal.snapshot(view.snapshot(manifest: progress.manifest, at: Date())) }
        return try await failure(view, &progress, deadline: deadline, limit: limit)
    }

    /// People want to see it, but no store fails for want of it: what Helm cannot tell now is asked again a few times.
    private func fetchManifest(_ progress: inout Progress) async throws {
        guard progress.manifest == nil, progress.manifestTries < 3 else { return }
        progress.manifestTries += 1
        do {
            progress.manifest = ManifestRedaction.redact(try await provisioner.helm.manifest(release: release, namespace: namespace))
        } catch is ClusterError { try Task.checkCancellation() }
    }

    private func complete(_ steps: [ProvisioningStep], in progress: inout Progress) async throws {
        for step in steps where progress.completed.insert(step).inserted {
            try await journal.completed(step)
            try await journal.event(step.label, kind: .normal)
        }
    }

    /// A problem that outlasted its patience, or the end of the store's time; recorded before anything is cleaned up.
    private func failure(
        _ view: NamespaceView,
        _ progress: inout Progress,
        deadline: ContinuousClock.Instant,
        limit: Duration
    ) async throws -> ProvisioningOutcome? {
        let now = ContinuousClock.now
        let problem = Problem.first(in: view, patience: settings.patience)
        if let problem, progress.problem?.0.cause != problem.cause { progress.problem = (problem, now) }
        if problem == nil { progress.problem = nil }
        var message: String?
        if let problem, let since = progress.problem?.since, now - since >= problem.patience(settings.patience) {
            message = problem.message + (try await lastLogLines(of: problem))
        } else if now >= deadline {
            message =
                "The store was not ready within \(limit.components.seconds / 60) minutes. "
                + (problem?.message ?? progress.complaint.map { "The shop runs, but \($0)." }
                    ?? "It is still starting; retry to wait longer.")
        }
        guard let message else { return nil }
        let step = ProvisioningStep.allCases.first { !progress.completed.contains($0) } ?? .ingressReady
        try await journal.snapshot(view.snapshot(manifest: progress.manifest, at: Date()))
        try await journal.failed(step, error: message)
        try await journal.event(message, kind: .error)
        return .failed(message: message, permanent: true)
    }

    private func lastLogLines(of problem: Problem) async throws -> String {
        guard let (pod, container) = problem.container else { return "" }
        let path = namespacePath + "/pods/\(pod)/log?container=\(container)&previous=true&tailLines=5"
        guard let log = try? await kubernetes.text(path), log.status == 200, !log.body.isEmpty else { return "" }
        return " Its last words: " + log.body.split(whereSeparator: \.isNewline).suffix(5).joined(separator: " / ").prefix(600)
    }

    /// An earlier attempt's pods may sit in a long back-off although their cause is gone: new ones try at once. One that has no
    /// place waits for nothing but a place; a new one would only queue behind.
    private func replaceStuckPods(_ view: NamespaceView) async throws {
        for pod in view.livingPods where pod.label(StoreLabels.storeID) == store.id.rawValue {
            guard let problem = Problem.of(pod: pod), !problem.isForWantOfPlace, let uid = pod.uid else { continue }
            try await toleratingConflict { try await kubernetes.delete(namespacePath + "/pods/" + pod.name, uid: uid, under: lease) }
        }
    }

    /// Whether the shop serves its catalogue; what it says instead is kept in case time runs out.
    private func sells(_ view: NamespaceView, _ progress: inout Progress) async throws -> Bool {
        guard let service = view.services.first(where: { $0.label(StoreLabels.component) == "app" }),
            let port = service["spec"]["ports"].items.first?["port"].int
        else { return false }
        // Later the products are the owner's: all may be gone, and the shop is as it should be.
        let needsProduct = view.sampleProducts > 0 && !memory.everReady
        let catalogue = Catalogue(store, service: service, port: port, kubernetes: kubernetes)
        progress.complaint = try await catalogue.complaint(needsProduct: needsProduct)
        return progress.complaint == nil
    }
}
