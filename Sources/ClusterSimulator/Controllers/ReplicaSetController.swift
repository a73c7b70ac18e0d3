/// ReplicaSet → pods.
struct ReplicaSetController: Controller {
    let kind = Kind.replicasets
    private static let component = "replicaset-controller"

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        [.replicasets, .pods].contains(change.key.kind) ? selfOrManager(of: change, in: cluster) : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let set = cluster.objects[key], !set.isTerminating else { return nil }
        let pods = PodFactory.pods(of: set, in: cluster).filter { !$0.isTerminating }
        let active = pods.filter { !$0.isFinishedPod }
        collect(pods.filter(\.isFinishedPod), in: cluster)
        let wanted = set.spec["replicas"].int ?? 1
        var failure: APIFailure?
        if let retry = cluster.retries[set.uid], active.count < wanted, cluster.now < retry.at {
            report(key, failure: retry.failure, in: cluster)
            return retry.at - cluster.now
        }
        if active.count < wanted {
            for _ in active.count..<wanted {
                do throws(APIFailure) {
                    try PodFactory.create(
                        from: set.spec["template"],
                        owner: set,
                        kind: .replicasets,
                        name: nil,
                        component: Self.component,
                        in: cluster
                    )
                } catch {
                    failure = error
                    break
                }
            }
        } else if active.count > wanted {
            let worstFirst = active.sorted { ($0.isReadyPod ? 1 : 0) < ($1.isReadyPod ? 1 : 0) }
            for pod in worstFirst.prefix(active.count - wanted) {
                PodFactory.delete(pod, owner: set, component: Self.component, in: cluster)
            }
        }
        report(key, failure: failure, in: cluster)
        guard let failure else {
            cluster.retries[set.uid] = nil
            return nil
        }
        let count = (cluster.retries[set.uid]?.count ?? 0) + 1
        let wait = cluster.delays.backOff * min(Double(1 << min(count - 1, 8)), 10)
        cluster.retries[set.uid] = (cluster.now + wait, count, failure)
        return wait
    }

    /// Evicted pods stay to be seen, as in life; there the cluster keeps 12,500 of them, here each set ten.
    private func collect(_ finished: [JSONValue], in cluster: ClusterState) {
        for pod in finished.sorted(by: { Int($0.resourceVersion) ?? 0 < Int($1.resourceVersion) ?? 0 }).dropLast(10) {
            _ = try? cluster.delete(ObjectKey(.pods, pod.namespace, pod.name))
        }
    }

    private func report(_ key: ObjectKey, failure: APIFailure?, in cluster: ClusterState) {
        guard let set = cluster.objects[key] else { return }
        let pods = PodFactory.pods(of: set, in: cluster).filter { !$0.isTerminating && !$0.isFinishedPod }
        let ready = pods.count(where: \.isReadyPod)
        var status = set.status
        status["observedGeneration"] = JSONValue(set.generation)
        status["replicas"] = JSONValue(pods.count)
        status["fullyLabeledReplicas"] = JSONValue(pods.count)
        status["readyReplicas"] = JSONValue(ready)
        status["availableReplicas"] = JSONValue(ready)
        if let failure {
            Condition.set(&status, "ReplicaFailure", true, reason: "FailedCreate", message: failure.message, at: cluster.timestamp)
        } else {
            Condition.remove(&status, "ReplicaFailure")
        }
        cluster.change(key) { $0.status = status }
    }
}
