/// How long a pod takes for its end.
struct PodEnd {
    let pod: JSONValue
    let cluster: ClusterState

    var time: Duration {
        let delays = cluster.delays
        let grace = delays.second * Double(pod.metadata["deletionGracePeriodSeconds"].int ?? 0)
        if cluster.faults.active(.ignoresStop, namespace: pod.namespace, pod: pod) != nil { return grace }
        let hook = pod.spec["containers"].array.map { Self.sleep($0["lifecycle"]["preStop"]) }.max() ?? 0
        return min(grace, delays.second * hook + delays.terminate)
    }

    /// The seconds that a hook sleeps, as the action `sleep` or by the command of that name.
    private static func sleep(_ hook: JSONValue) -> Double {
        if let seconds = hook["sleep"]["seconds"].double { return seconds }
        let words = hook["exec"]["command"].array.compactMap(\.string)
        return words.count == 2 && words[0] == "sleep" ? Double(words[1]) ?? 0 : 0
    }
}
