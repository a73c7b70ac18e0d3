/// What befalls a pod that runs, or is about to.
extension PodStep {
    func serve(_ runtime: inout PodRuntime) {
        if let fault = strike(.crashLoop) ?? strike(.outOfMemory) { return crash(&runtime, fault) }
        if let fault = strike(.evicted) { return evict(&runtime, fault) }
        let isLost = strike(.nodeLost) != nil
        if isLost, !runtime.isOnLostNode { record(.warning, "NodeNotReady", "Node is not ready", by: "node-controller") }
        runtime.isOnLostNode = isLost
        probe(&runtime)
    }

    /// Readiness: gained or kept, unless a fault fails the probe.
    func probe(_ runtime: inout PodRuntime) {
        let fault = strike(.unready)
        runtime.failedProbes = fault == nil ? 0 : runtime.failedProbes + 1
        var next: Duration?
        if runtime.chatter == nil { runtime.chatter = Chatter(from: cluster.now, interval: cluster.delays.chatter) }
        for index in runtime.initCount..<all.count {
            if let fault {
                let probe = PodProbe.readiness(of: all[index])
                let period = probe.period > 0 ? cluster.delays.second * probe.period : cluster.delays.backOff * 2
                next = min(next ?? period, period)
                if runtime.failedProbes >= probe.failures { runtime.containers[index].isReady = false }
                let why = fault.message ?? Self.answer(to: all[index]["readinessProbe"], at: runtime.address)
                record(.warning, "Unhealthy", "Readiness probe failed: \(why)")
            } else if !runtime.containers[index].isReady {
                runtime.containers[index].isReady = true
                runtime.log("ready to serve (simulated)", index, at: cluster.now)
            }
        }
        let wakes = threatens(.evicted) ? cluster.delays.crash : runtime.isOnLostNode ? cluster.delays.backOff : Self.never
        wait(&runtime, .serve, next ?? wakes)
    }

    /// What the kubelet hears from a container that is not ready.
    private static func answer(to probe: JSONValue, at address: String) -> String {
        if !probe["tcpSocket"].isNull { return "dial tcp \(address):\(probe["tcpSocket"]["port"].text): connect: connection refused" }
        return probe["exec"].isNull ? "HTTP probe failed with statuscode: 503" : "not ready (simulated)"
    }

    private func evict(_ runtime: inout PodRuntime, _ fault: Fault) {
        let first = all[runtime.initCount]
        let (name, request) = (first["name"].string ?? "", first["resources"]["requests"]["memory"].string ?? "0")
        let why =
            fault.message
            ?? "The node was low on resource: memory. Threshold quantity: 100Mi, available: 92640Ki. Container \(name) was using 1Gi, request is \(request), has larger consumption of memory. "
        record(.warning, "Evicted", why)
        for index in runtime.initCount..<all.count {
            record(.normal, "Killing", "Stopping container \(runtime.containers[index].name)")
            end(&runtime, index, exitCode: 137, reason: "Error")
        }
        cluster.change(ObjectKey(.pods, namespace, pod.name)) { pod in
            pod.status["reason"] = "Evicted"
            pod.status["message"] = .string(why)
            Condition.set(&pod.status, "DisruptionTarget", true, reason: "TerminationByKubelet", message: why, at: cluster.timestamp)
        }
        wait(&runtime, .done, .zero)
    }

    /// A Secret of the container's that a fault hides.
    func missingByFault(_ container: JSONValue) -> String? {
        guard let fault = strike(.missingSecret) else { return nil }
        let name = PodReferences.secret(of: container) ?? "\(container["name"].string ?? "")-secret"
        return fault.message ?? "secret \"\(name)\" not found"
    }
}
