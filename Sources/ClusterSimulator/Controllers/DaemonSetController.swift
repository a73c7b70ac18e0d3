/// DaemonSet → one pod on the one simulated node.
struct DaemonSetController: Controller {
    let kind = Kind.daemonsets
    private static let component = "daemonset-controller"
    private static let generationLabel = "pod-template-generation"

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        [.daemonsets, .pods].contains(change.key.kind) ? selfOrManager(of: change, in: cluster) : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let set = cluster.objects[key], !set.isTerminating else { return nil }
        let hash = TemplateHash.of(set.spec["template"])
        let all = PodFactory.pods(of: set, in: cluster)
        let pods = all.filter { !$0.isFinishedPod }
        for pod in all where pod.isFinishedPod && !pod.isTerminating {
            PodFactory.delete(pod, owner: set, component: Self.component, in: cluster)
        }
        var wait: Duration?
        if pods.isEmpty {
            do throws(APIFailure) {
                try PodFactory.create(
                    from: set.spec["template"],
                    owner: set,
                    kind: .daemonsets,
                    name: nil,
                    labels: [Self.generationLabel: hash],
                    component: Self.component,
                    in: cluster
                )
            } catch { wait = cluster.delays.backOff }
        } else if set.spec["updateStrategy"]["type"].string == "RollingUpdate" {
            for pod in pods where !pod.isTerminating && pod.labels[Self.generationLabel] != hash {
                PodFactory.delete(pod, owner: set, component: Self.component, in: cluster)
            }
        }
        let ready = pods.count(where: \.isReadyPod)
        let updated = pods.count { $0.labels[Self.generationLabel] == hash }
        cluster.change(key) { set in
            set.status = [
                "observedGeneration": JSONValue(set.generation), "desiredNumberScheduled": 1,
                "currentNumberScheduled": JSONValue(pods.count),
                "updatedNumberScheduled": JSONValue(updated), "numberReady": JSONValue(ready), "numberAvailable": JSONValue(ready),
                "numberMisscheduled": 0,
            ]
        }
        return wait
    }
}
