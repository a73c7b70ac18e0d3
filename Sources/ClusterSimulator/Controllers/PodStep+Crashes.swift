extension PodStep {
    func crash(_ runtime: inout PodRuntime, _ fault: Fault) {
        let index = runtime.initCount
        let name = runtime.containers[index].name
        let isKilled = fault.kind == .outOfMemory
        if let last = fault.message ?? (isKilled ? nil : "fatal: simulated crash, could not start \(name)") {
            runtime.log(last, index, at: cluster.now)
        }
        end(&runtime, index, exitCode: isKilled ? 137 : 1, reason: isKilled ? "OOMKilled" : "Error")
        if pod.spec["restartPolicy"].string == "Never" { return wait(&runtime, .done, .zero) }
        let delay = runtime.backOff(cluster.delays.backOff)
        runtime.containers[index].last = runtime.containers[index].state
        let message =
            "back-off \(max(10, Int(delay.components.seconds)))s restarting failed container=\(name) pod=\(pod.name)_\(namespace)(\(pod.uid))"
        runtime.containers[index].state = .waiting(reason: "CrashLoopBackOff", message: message)
        record(.warning, "BackOff", "Back-off restarting failed container \(name) in pod \(pod.name)_\(namespace)(\(pod.uid))")
        wait(&runtime, .crashBackOff, delay)
    }

    func restart(_ runtime: inout PodRuntime) {
        let index = runtime.initCount
        runtime.containers[index].restarts += 1
        let (name, image) = (runtime.containers[index].name, all[index]["image"].string ?? "")
        record(.normal, "Pulled", "Container image \"\(image)\" already present on machine")
        record(.normal, "Created", "Created container: \(name)")
        record(.normal, "Started", "Started container \(name)")
        runtime.containers[index].state = .running(since: cluster.timestamp)
        runtime.log("simulated container \(name) of image \(image) started", index, at: cluster.now)
        beginWarmUp(&runtime)
    }
}
