import Cluster
import Observation
import StoreDomain

/// The end of pods whose data is thrown away.
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
}
