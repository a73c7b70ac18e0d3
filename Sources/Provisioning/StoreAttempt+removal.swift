import Cluster
import Observation
import StoreDomain

/// The store's release and namespace, removed.
extension StoreAttempt {
    /// What a pod gets for its end: not none, which would take it from the API before its containers are gone.
    private static let grace = 1

    var podsPath: String { ObservedKind.pods.path(in: store.namespace) }

    /// Runs what removes the store's workloads; as soon as a pod is ending for that, its grace is cut short.
    func endingPodsAtOnce(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await NamespaceChanges(kubernetes: kubernetes, paths: [podsPath]).follow { () async throws -> Void? in
                    await endPods()
                    return nil
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Those that are ending already, and have more than that left. One that cannot be hurried ends by its own grace.
    func endPods() async {
        guard let pods = try? await kubernetes.list(podsPath, as: Pod.self).items else { return }
        for pod in pods where pod.metadata.isTerminating && pod.metadata.storeID == store.id.rawValue {
            guard let uid = pod.metadata.uid, pod.metadata.deletionGracePeriodSeconds ?? 0 > Self.grace else { continue }
            try? await kubernetes.delete(namespacePath + "/pods/" + pod.name, uid: uid, grace: Self.grace, under: lease)
        }
    }

    mutating func uninstall(_ desired: DesiredState) async throws {
        memory.hasUninstalled = true
        if desired == .gone { try await keepCertificates() }
        try await journal.event(desired == .gone ? "Uninstalling" : "Removing what an interrupted operation left", .removal)
        let uninstall = { [provisioner, release, namespace, settings, lease, onLine = tellHelm(.removal)] in
            try await provisioner.helm.uninstall(
                release: release,
                namespace: namespace,
                timeout: settings.uninstallLimit,
                lease: lease,
                onLine: onLine
            )
        }
        // When all is to go anyway, what Helm cannot remove goes with the namespace.
        guard desired == .gone else { return try await uninstall() }
        try await endingPodsAtOnce { try await tolerating(uninstall) }
    }

    /// `uid`: of the namespace that was seen to be ours. One that took its place meanwhile is left alone, with its volumes.
    func deleteNamespace(uid: String) async throws {
        if !memory.hasUninstalled { try await keepCertificates() }
        let claims = try await kubernetes.list(namespacePath + "/persistentvolumeclaims")
        // Listed by the namespace's name; they are its own if it is still the same after.
        guard try await kubernetes.get(namespacePath)?.uid == uid else { return }
        for claim in claims where !claim.isTerminating {
            guard let claimUID = claim.uid else { continue }
            let path = namespacePath + "/persistentvolumeclaims/" + claim.name
            try await toleratingConflict { try await kubernetes.delete(path, uid: claimUID, under: lease) }
        }
        try await toleratingConflict {
            try await kubernetes.delete(namespacePath, uid: uid, propagation: "Foreground", under: lease)
        }
        try await journal.event("Namespace \(namespace) is being deleted", .removal)
    }

    /// What keeps it, when it is not gone in time. An obstacle that stays is told as soon as it has stood a while: every namespace that
    /// ends has some for a moment.
    func waitUntilNamespaceIsGone() async throws -> String? {
        let start = ContinuousClock.now
        let path = "/api/v1/namespaces?fieldSelector=metadata.name%3D\(namespace)"
        var told = ""
        return try await NamespaceChanges(kubernetes: kubernetes, paths: [path, podsPath]).follow {
            await endPods()
            var view = NamespaceView()
            view.namespace = try await kubernetes.list(path, as: NamespaceObject.self).items.first
            guard let diagnosis = Diagnosis.first(in: view), diagnosis.cause == .namespaceTerminating else { return .some(nil) }
            let waited = ContinuousClock.now - start
            if waited >= .seconds(10), diagnosis.what != told, view.namespace?.obstacles.isEmpty == false {
                told = diagnosis.what
                try await journal.event(diagnosis.what, kind: .warning, .removal)
            }
            guard waited >= settings.uninstallLimit else { return nil }
            try await journal.diagnosed(cause: diagnosis.cause.rawValue, evidence: Evidence(view, log: []).json)
            return diagnosis.text
        }
    }
}
