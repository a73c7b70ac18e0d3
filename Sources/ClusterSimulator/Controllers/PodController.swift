/// Scheduler and kubelet in one: takes a pod from Pending to Ready, or into the trouble that a fault asks for.
struct PodController: Controller {
    let kind = Kind.pods

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        change.key.kind == .pods && change.event != .deleted && (change.event == .added || change.object.isTerminating)
            ? [change.key] : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let pod = cluster.objects[key] else { return nil }
        if pod.isTerminating { return terminate(key, pod, in: cluster) }
        cluster.catchUp(pod)
        var runtime =
            cluster.pods[pod.uid]
            ?? PodRuntime(
                pod: pod,
                until: cluster.now + cluster.delay(\.schedule, in: pod.namespace),
                address: Self.address(cluster.newNumber())
            )
        while cluster.now >= runtime.until, runtime.stage != .done {
            PodStep(pod: cluster.objects[key] ?? pod, cluster: cluster).take(&runtime)
        }
        cluster.pods[pod.uid] = runtime
        cluster.tellFollowers(of: pod.uid)
        let status = PodStatus.render(cluster.objects[key] ?? pod, runtime, at: cluster.timestamp)
        cluster.change(key) { $0.status = status }
        guard runtime.stage != .done, runtime.until < PodStep.never else { return nil }
        return runtime.until - cluster.now
    }

    private static func address(_ number: Int) -> String { "10.42.\((number >> 8) & 255).\(number & 255)" }

    /// A pod ends once its hook and its containers are through, and with its grace at the latest; a later deletion may cut that short.
    private func terminate(_ key: ObjectKey, _ pod: JSONValue, in cluster: ClusterState) -> Duration? {
        guard let since = cluster.terminations[pod.uid] else {
            cluster.terminations[pod.uid] = cluster.now
            for container in pod.spec["containers"].array {
                cluster.record(
                    .normal,
                    "Killing",
                    "Stopping container \(container["name"].string ?? "")",
                    about: pod,
                    by: "kubelet"
                )
            }
            return PodEnd(pod: pod, cluster: cluster).time
        }
        let rest = since + PodEnd(pod: pod, cluster: cluster).time - cluster.now
        guard rest <= .zero else { return rest }
        cluster.change(key) { $0.metadata["deletionGracePeriodSeconds"] = 0 }
        cluster.settleDeletion(key)
        return nil
    }
}
