import Cluster
import Observation
import StoreDomain

/// Waiting for what is not to serve, and for volumes.
extension StoreAttempt {
    /// Until nothing of the store runs any more.
    mutating func verifyAsleep() async throws -> AttemptOutcome {
        guard try await follow(for: settings.uninstallLimit, { $0.isAsleep }) else {
            return .failed(message: "The store's pods did not end. The next attempt looks again.", permanent: false)
        }
        // As the release has it; whether it serves is found out when it wakes.
        try await complete(.namespaceCreated, .secretsGenerated, .databaseReady, .appDeployed, .ingressReady)
        try await recordAdministrator(try await NamespaceView.look(at: store.namespace, with: kubernetes))
        try await journal.event("The store sleeps: its volumes and its release are kept", .workloads)
        return .ready(url: plan?.url ?? settings.addressing.url(for: store.namespace), engineVersion: nil)
    }

    /// Until of the store the database alone runs.
    mutating func verifyClosed() async throws -> AttemptOutcome {
        try await complete(.namespaceCreated, .secretsGenerated)
        guard try await follow(for: settings.limit(of: store.engine), { $0.isClosed }) else {
            let view = try await NamespaceView.look(at: store.namespace, with: kubernetes)
            let diagnosis = Diagnosis.first(in: view, grace: settings.grace)
            return .failed(message: diagnosis?.text ?? "The store's database did not start, or its app did not end.", permanent: false)
        }
        try await complete(.databaseReady)
        try await journal.event("The store is closed: its database alone runs", .workloads)
        return .ready(url: plan?.url ?? settings.addressing.url(for: store.namespace), engineVersion: nil)
    }

    /// Watches the namespace until it is as wanted; false when that takes too long.
    private func follow(for limit: Duration, _ isThere: (NamespaceView) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        let kinds: [ObservedKind] = [.pods, .deployments, .statefulSets]
        let changes = NamespaceChanges(kubernetes: kubernetes, paths: kinds.map { $0.path(in: store.namespace) })
        return try await changes.follow { () async throws -> Bool? in
            try lease.confirm()
            do {
                if isThere(try await NamespaceView.look(at: store.namespace, with: kubernetes)) { return true }
            } catch let error as ClusterError where error.isTransient {}
            return ContinuousClock.now < deadline ? nil : false
        }
    }

    /// Whether each volume has what it was asked for with. Where a file system grows with its next mount only, the pods are replaced, once.
    mutating func volumesAreGrown(_ view: NamespaceView) async throws -> Bool {
        guard growsVolumes else { return true }
        var waits = false
        for claim in try await kubernetes.list(namespacePath + "/persistentvolumeclaims") where !claim.isTerminating {
            guard let wanted = claim["spec"]["resources"]["requests"]["storage"].string.flatMap({ VolumeSize($0) }),
                let has = claim["status"]["capacity"]["storage"].string.flatMap({ VolumeSize($0) }), has < wanted
            else { continue }
            waits = true
            let wantsMount = claim["status"]["conditions"].items.contains {
                $0["type"].string == "FileSystemResizePending" && $0["status"].string == "True"
            }
            guard wantsMount, !memory.hasRestarted else { continue }
            memory.hasRestarted = true
            try await replace(view.livingPods.filter { $0.metadata.storeID == store.id.rawValue })
            try await journal.event("The pods are replaced, since a volume grows when it is mounted", .workloads)
        }
        growsVolumes = waits
        return !waits
    }
}
