import Cluster
import StoreDomain

/// What the cluster has of the store.
extension StoreAttempt {
    mutating func observe(_ desired: DesiredState) async throws -> Observed {
        guard let object = try await kubernetes.get(namespacePath) else { return Observed(namespace: .absent) }
        guard object.belongs(to: store) else { return Observed(namespace: .foreign) }
        if object.isTerminating { return Observed(namespace: .terminating) }
        guard try await isAccessible() else { return Observed(namespace: .ours, namespaceUID: object.uid, isAccessible: false) }
        let secrets = try await kubernetes.list(namespacePath + "/secrets?labelSelector=owner%3Dhelm%2Cname%3D\(release)")
        let last = secrets.max { (Int($0.label("version") ?? "") ?? 0) < (Int($1.label("version") ?? "") ?? 0) }
        var hasSecrets = true
        var gone: [String] = []
        for name in StoreSecrets.names(of: store) {
            let secret = try await kubernetes.get(namespacePath + "/secrets/" + name)
            if secret == nil { gone.append(name) }
            if secret?.belongs(to: store) != true { hasSecrets = false }
        }
        if !gone.isEmpty, try await !hasVolumes() { gone = [] }
        let release = last.map { ReleaseState(word: $0.label("status") ?? "") } ?? .absent
        if desired != .gone, plan == nil { plan = try await makePlan(desired, hasRelease: last != nil) }
        return Observed(
            namespace: .ours,
            namespaceUID: object.uid,
            hasSecrets: hasSecrets,
            lostSecrets: gone,
            release: release,
            record: last.flatMap { record in record.uid.map { ObjectIdentity(name: record.name, uid: $0) } },
            isCurrent: plan != nil && last?.label(StoreLabels.digest) == plan?.digest
        )
    }

    /// What the store's database has written somewhere; one that waits to be bound is empty.
    private func hasVolumes() async throws -> Bool {
        try await kubernetes.list(namespacePath + "/persistentvolumeclaims").contains { claim in
            !claim.isTerminating && claim["status"]["phase"].string == "Bound"
        }
    }
}
