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
        let wait = progress(&status, deployment, set: new, isComplete: isComplete, in: cluster)
        cluster.change(key) { $0.status = status }
        return wait
    }

    /// Keeps the condition Progressing. The deadline counts from the last progress: a new ReplicaSet, pods that came, went or
    /// became available. A rollout that was once complete is never late, whatever becomes of its pods.
    private func progress(
        _ status: inout JSONValue,
        _ deployment: JSONValue,
        set: JSONValue,
        isComplete: Bool,
        in cluster: ClusterState
    ) -> Duration? {
        let old = deployment.condition("Progressing")
        let done = "ReplicaSet \"\(set.name)\" has successfully progressed."
        let wasComplete = old["reason"] == "NewReplicaSetAvailable" && old["message"].string == done
        guard !isComplete, !wasComplete || status["replicas"] != status["updatedReplicas"] else {
            cluster.progress[deployment.uid] = nil
            Condition.set(&status, "Progressing", true, reason: "NewReplicaSetAvailable", message: done, at: cluster.timestamp)
            return nil
        }
        let limit = Duration.seconds(deployment.spec["progressDeadlineSeconds"].int ?? 600)
        let last = cluster.progress[deployment.uid]
        let isNew = last?.set != set.uid
        let hasMoved = Self.hasProgressed(from: deployment.status, to: status)
        let since = isNew || hasMoved ? cluster.now : last?.since ?? cluster.now
        cluster.progress[deployment.uid] = (set.uid, since)
        let isLate = cluster.now - since >= limit
        if isLate {
            let message = "ReplicaSet \"\(set.name)\" has timed out progressing."
            Condition.set(&status, "Progressing", false, reason: "ProgressDeadlineExceeded", message: message, at: cluster.timestamp)
        } else if isNew, !hasMoved {
            let message = "Created new replica set \"\(set.name)\""
            Condition.set(&status, "Progressing", true, reason: "NewReplicaSetCreated", message: message, at: cluster.timestamp)
        } else if hasMoved {
            let message = "ReplicaSet \"\(set.name)\" is progressing."
            Condition.set(&status, "Progressing", true, reason: "ReplicaSetUpdated", message: message, at: cluster.timestamp)
        }
        return isLate ? nil : limit - (cluster.now - since)
    }

    private static func hasProgressed(from old: JSONValue, to new: JSONValue) -> Bool {
        func count(_ status: JSONValue, _ field: String) -> Int { status[field].int ?? 0 }
        func outdated(_ status: JSONValue) -> Int { count(status, "replicas") - count(status, "updatedReplicas") }
        return count(new, "updatedReplicas") != count(old, "updatedReplicas") || outdated(new) < outdated(old)
            || ["readyReplicas", "availableReplicas"].contains { count(new, $0) > count(old, $0) }
    }
}
