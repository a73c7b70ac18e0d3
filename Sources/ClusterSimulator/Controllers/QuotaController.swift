/// Keeps a ResourceQuota's `status.used`.
struct QuotaController: Controller {
    let kind = Kind.resourcequotas

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        guard change.key.kind.isNamespaced, change.key.kind != .events, change.key.kind != .endpoints else { return [] }
        if change.key.kind == .resourcequotas { return change.event == .deleted ? [] : [change.key] }
        return cluster.objects.list(.resourcequotas, namespace: change.key.namespace)
            .filter { QuotaMath(quota: $0).concerns(change.key.kind) }
            .map { ObjectKey(.resourcequotas, $0.namespace, $0.name) }
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let quota = cluster.objects[key] else { return nil }
        let used = cluster.quotaUsage(quota).mapValues { JSONValue.string($0.text) }
        cluster.change(key) { $0.status = ["hard": quota.spec["hard"], "used": .object(used)] }
        return nil
    }
}
