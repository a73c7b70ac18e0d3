/// Deletes what lost its owner, and completes deletions in the foreground.
struct GarbageCollector: Controller {
    let kind = Kind.events

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        guard change.event == .deleted else {
            return change.object.finalizers.contains(ClusterState.foregroundFinalizer) ? [change.key] : []
        }
        let dependents = Array(cluster.objects.dependents(ofUID: change.object.uid))
        let owners = change.object.owners.compactMap { cluster.objects.key(ofUID: $0["uid"].string ?? "") }
        return dependents + owners.filter { cluster.objects[$0]?.finalizers.contains(ClusterState.foregroundFinalizer) == true }
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let object = cluster.objects[key] else { return nil }
        if object.finalizers.contains(ClusterState.foregroundFinalizer) {
            let dependents = cluster.objects.dependents(ofUID: object.uid)
            for dependent in dependents where cluster.objects[dependent]?.isTerminating == false {
                _ = try? cluster.delete(dependent, DeleteOptions(propagation: .foreground))
            }
            guard cluster.objects.dependents(ofUID: object.uid).isEmpty else { return nil }
            cluster.change(key) { $0.finalizers.removeAll { $0 == ClusterState.foregroundFinalizer } }
            cluster.settleDeletion(key)
            return nil
        }
        let isOrphan = !object.owners.isEmpty && object.owners.allSatisfy { cluster.objects.key(ofUID: $0["uid"].string ?? "") == nil }
        if isOrphan, !object.isTerminating { _ = try? cluster.delete(key) }
        return nil
    }
}
