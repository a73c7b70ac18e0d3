extension DeploymentController {
    func report(_ key: ObjectKey, _ deployment: JSONValue, current: String, in cluster: ClusterState) -> Duration? {
        let sets = Self.sets(of: deployment, in: cluster)
        guard let new = sets.first(where: { $0.uid == current }) else { return nil }
        func total(_ field: String) -> Int { sets.reduce(0) { $0 + ($1.status[field].int ?? 0) } }
        let wanted = deployment.spec["replicas"].int ?? 1
        let (replicas, ready, available) = (total("replicas"), total("readyReplicas"), total("availableReplicas"))
        let updated = new.status["replicas"].int ?? 0
        let isComplete = updated == wanted && replicas == wanted && available == wanted
        var status = deployment.status
        status["observedGeneration"] = JSONValue(deployment.generation)
        for (field, count) in [
            ("replicas", replicas), ("updatedReplicas", updated), ("readyReplicas", ready), ("availableReplicas", available),
            ("unavailableReplicas", max(0, wanted - available)),
        ] {
            status[field] = count == 0 ? .null : JSONValue(count)
        }
        let unavailable = Self.share(deployment.spec["strategy"]["rollingUpdate"]["maxUnavailable"], of: wanted, roundsUp: false)
        let isAvailable = available >= wanted - unavailable
        Condition.set(
            &status,
            "Available",
            isAvailable,
            reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            message: "Deployment \(isAvailable ? "has" : "does not have") minimum availability.",
            at: cluster.timestamp
        )
        if new.condition("ReplicaFailure")["status"].string == "True" {
            let cause = new.condition("ReplicaFailure")
            Condition.set(
                &status,
                "ReplicaFailure",
                true,
                reason: cause["reason"].string ?? "",
                message: cause["message"].string ?? "",
                at: cluster.timestamp
            )
        } else {
            Condition.remove(&status, "ReplicaFailure")
        }
        let wait = progress(&status, deployment, set: new, isComplete: isComplete, updated: updated, available: available, in: cluster)
        cluster.change(key) { $0.status = status }
        return wait
    }

    /// Keeps the condition Progressing; its update time moves whenever pods came or became available.
    private func progress(
        _ status: inout JSONValue,
        _ deployment: JSONValue,
        set: JSONValue,
        isComplete: Bool,
        updated: Int,
        available: Int,
        in cluster: ClusterState
    ) -> Duration? {
        let limit = Duration.seconds(deployment.spec["progressDeadlineSeconds"].int ?? 600)
        let mark = "\(deployment.generation)/\(updated)/\(available)/\(isComplete)"
        let since = cluster.progress[deployment.uid].flatMap { $0.mark == mark ? $0.since : nil } ?? cluster.now
        cluster.progress[deployment.uid] = (mark, since)
        let isLate = !isComplete && cluster.now - since >= limit
        let (reason, message) =
            isComplete
            ? ("NewReplicaSetAvailable", "ReplicaSet \"\(set.name)\" has successfully progressed.")
            : isLate
                ? ("ProgressDeadlineExceeded", "ReplicaSet \"\(set.name)\" has timed out progressing.")
                : ("ReplicaSetUpdated", "ReplicaSet \"\(set.name)\" is progressing.")
        Condition.set(&status, "Progressing", !isLate, reason: reason, message: message, at: cluster.timestamp)
        return isComplete || isLate ? nil : limit - (cluster.now - since)
    }
}
