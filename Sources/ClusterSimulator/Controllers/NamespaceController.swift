/// Gives a new namespace what every one has, and empties an ending one before it goes.
struct NamespaceController: Controller {
    let kind = Kind.namespaces
    private static let remaining = ["NamespaceContentRemaining", "NamespaceFinalizersRemaining"]

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        if change.key.kind == .namespaces { return [change.key] }
        guard change.key.kind.isNamespaced, change.event == .deleted else { return [] }
        let key = ObjectKey.namespace(change.key.namespace)
        return cluster.objects[key]?.isTerminating == true ? [key] : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let namespace = cluster.objects[key] else {
            cluster.faults.forgetAnnotation(key.name)
            return nil
        }
        if cluster.faults.read(namespace) { cluster.reconsider(namespace: key.name) }
        guard namespace.isTerminating else {
            furnish(key.name, in: cluster)
            return nil
        }
        guard let since = cluster.terminations[namespace.uid] else {
            cluster.terminations[namespace.uid] = cluster.now
            return cluster.delays.namespace
        }
        let rest = since + cluster.delays.namespace - cluster.now
        guard rest <= .zero else { return rest }
        return empty(key, in: cluster)
    }

    private func furnish(_ name: String, in cluster: ClusterState) {
        if cluster.objects[ObjectKey(.serviceaccounts, name, "default")] == nil {
            _ = try? cluster.create(.serviceaccounts, ["metadata": ["name": "default"]], in: name, by: .controller)
        }
        if cluster.objects[ObjectKey(.configmaps, name, "kube-root-ca.crt")] == nil {
            let map: JSONValue = ["metadata": ["name": "kube-root-ca.crt"], "data": ["ca.crt": "simulated"]]
            _ = try? cluster.create(.configmaps, map, in: name, by: .controller)
        }
    }

    private func empty(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        for content in cluster.objects.keys(in: key.name) where cluster.objects[content]?.isTerminating == false {
            _ = try? cluster.delete(content)
        }
        let left = cluster.objects.keys(in: key.name)
        let isStuck = cluster.faults.active(.stuckTerminating, namespace: key.name) != nil
        guard left.isEmpty, !isStuck else {
            report(key, left, isStuck: isStuck, in: cluster)
            return cluster.delays.namespace
        }
        cluster.forgetEvents(in: key.name)
        cluster.erase(key)
        return nil
    }

    private func report(_ key: ObjectKey, _ left: [ObjectKey], isStuck: Bool, in cluster: ClusterState) {
        let counts = Dictionary(grouping: left, by: \.kind).map { "\($0.key.rawValue) has \($0.value.count) resource instances" }.sorted()
        let finalizers = Dictionary(grouping: left.flatMap { cluster.objects[$0]?.finalizers ?? [] }) { $0 }
            .map { "\($0.key) in \($0.value.count) resource instances" }.sorted()
        let content = isStuck ? ["simulated.store-weaver.dev has 1 resource instances"] : counts
        let holding = isStuck ? ["simulated.store-weaver.dev/stuck in 1 resource instances"] : finalizers
        cluster.change(key) { namespace in
            var status = namespace.status
            Condition.set(
                &status,
                Self.remaining[0],
                !content.isEmpty,
                reason: content.isEmpty ? "ContentRemoved" : "SomeResourcesRemain",
                message: content.isEmpty
                    ? "All content successfully removed" : "Some resources are remaining: \(content.joined(separator: ", "))",
                at: cluster.timestamp
            )
            Condition.set(
                &status,
                Self.remaining[1],
                !holding.isEmpty,
                reason: holding.isEmpty ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
                message: holding.isEmpty
                    ? "All content-preserving finalizers finished"
                    : "Some content in the namespace has finalizers remaining: \(holding.joined(separator: ", "))",
                at: cluster.timestamp
            )
            namespace.status = status
        }
    }
}
