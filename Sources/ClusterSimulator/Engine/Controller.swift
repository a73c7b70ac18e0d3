/// One of the cluster's controllers: level-triggered, it looks at an object and takes the next step towards what is wanted.
protocol Controller {
    /// The kind whose objects it reconciles.
    var kind: Kind { get }

    /// The objects to look at because of a change.
    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey]

    /// Looks at an object (which may be gone); returns after which time it wants to look again though nothing changes.
    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration?
}

extension Controller {
    /// The object itself, or the one that manages it if that is of this controller's kind.
    func selfOrManager(of change: Change, in cluster: ClusterState) -> [ObjectKey] {
        if change.key.kind == kind { return change.event == .deleted ? [] : [change.key] }
        guard let uid = change.object.controllerUID, let key = cluster.objects.key(ofUID: uid), key.kind == kind else { return [] }
        return [key]
    }
}
