/// Keeps the status of PodDisruptionBudgets and HorizontalPodAutoscalers; nothing evicts or scales.
struct DisruptionController: Controller {
    let kind = Kind.poddisruptionbudgets

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        switch change.key.kind {
        case .poddisruptionbudgets, .horizontalpodautoscalers: return [change.key]
        case .pods:
            guard change.previous?.isReadyPod != change.object.isReadyPod || change.event != .modified else { return [] }
            return cluster.objects.list(.poddisruptionbudgets, namespace: change.key.namespace)
                .filter { LabelSelector(object: $0.spec["selector"]).matches(change.object.labels) }
                .map { ObjectKey(kind, $0.namespace, $0.name) }
        default: return []
        }
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let object = cluster.objects[key] else { return nil }
        guard key.kind == kind else {
            let least = object.spec["minReplicas"].int ?? 1
            cluster.change(key) { $0.status = ["currentReplicas": JSONValue(least), "desiredReplicas": JSONValue(least)] }
            return nil
        }
        let selector = LabelSelector(object: object.spec["selector"])
        let pods = cluster.objects.list(.pods, namespace: key.namespace).filter { selector.matches($0.labels) }
        let healthy = pods.count(where: \.isReadyPod)
        let wanted = object.spec["minAvailable"].int ?? max(0, pods.count - (object.spec["maxUnavailable"].int ?? 1))
        let allowed = max(0, healthy - wanted)
        var status = object.status
        status["observedGeneration"] = JSONValue(object.generation)
        status["currentHealthy"] = JSONValue(healthy)
        status["desiredHealthy"] = JSONValue(wanted)
        status["expectedPods"] = JSONValue(pods.count)
        status["disruptionsAllowed"] = JSONValue(allowed)
        Condition.set(
            &status,
            "DisruptionAllowed",
            allowed > 0,
            reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
            at: cluster.timestamp
        )
        cluster.change(key) { $0.status = status }
        return nil
    }
}
