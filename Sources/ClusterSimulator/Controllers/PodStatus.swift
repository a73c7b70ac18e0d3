/// Writes a pod's status from what the simulated kubelet knows.
enum PodStatus {
    static func render(_ pod: JSONValue, _ runtime: PodRuntime, at time: String) -> JSONValue {
        var status = pod.status
        let initial = Array(runtime.containers[..<runtime.initCount])
        let main = Array(runtime.containers[runtime.initCount...])
        let isScheduled = !pod.spec["nodeName"].isNull
        status["phase"] = .string(phase(pod, runtime, main))
        status["qosClass"] = .string(qualityOfService(pod))
        guard isScheduled else { return status }
        status["hostIP"] = "127.0.0.1"
        if main.contains(where: { if case .running = $0.state { true } else { false } }) || runtime.stage == .serve {
            status["podIP"] = .string(runtime.address)
            status["podIPs"] = [["ip": .string(runtime.address)]]
        }
        let specs = pod.spec["initContainers"].array + pod.spec["containers"].array
        let rendered = zip(runtime.containers, specs).map { container($0, $1) }
        status["initContainerStatuses"] = initial.isEmpty ? .null : .array(Array(rendered.prefix(initial.count)))
        // A kubelet lists these by name, whatever the specification's order.
        let byName = rendered.dropFirst(initial.count).sorted { ($0["name"].string ?? "") < ($1["name"].string ?? "") }
        status["containerStatuses"] = .array(byName)
        let isOver = runtime.stage == .done
        let initialised = initial.allSatisfy(\.isReady)
        let unready = main.filter { !$0.isReady }.map(\.name)
        let why = isOver ? (status["phase"] == "Failed" ? "PodFailed" : "PodCompleted") : "ContainersNotReady"
        let message = isOver || unready.isEmpty ? "" : "containers with unready status: [\(unready.joined(separator: " "))]"
        let waiting = "containers with incomplete status: [\(initial.filter { !$0.isReady }.map(\.name).joined(separator: " "))]"
        Condition.set(
            &status,
            "Initialized",
            initialised,
            reason: initialised ? "" : "ContainersNotInitialized",
            message: initialised ? "" : waiting,
            at: time
        )
        for type in ["Ready", "ContainersReady"] {
            Condition.set(&status, type, unready.isEmpty, reason: unready.isEmpty ? "" : why, message: message, at: time)
        }
        if runtime.isOnLostNode { Condition.set(&status, "Ready", false, at: time) }
        return status
    }

    private static func phase(_ pod: JSONValue, _ runtime: PodRuntime, _ main: [PodRuntime.Container]) -> String {
        if runtime.stage == .done {
            let failed = main.contains { if case .terminated(let code, _, _, _, _) = $0.state { code != 0 } else { false } }
            return failed ? "Failed" : "Succeeded"
        }
        let hasStarted = main.contains { container in
            if case .running = container.state { return true }
            return container.last != nil
        }
        return hasStarted ? "Running" : "Pending"
    }

    private static func container(_ container: PodRuntime.Container, _ spec: JSONValue) -> JSONValue {
        var status: JSONValue = [
            "name": .string(container.name), "image": spec["image"], "imageID": "", "ready": .bool(container.isReady),
            "restartCount": JSONValue(container.restarts), "state": state(container.state), "lastState": .object([:]),
        ]
        if let last = container.last { status["lastState"] = state(last) }
        if case .running = container.state { status["started"] = true } else { status["started"] = false }
        if status["started"] == true { status["imageID"] = .string("simulated://\(spec["image"].string ?? "")") }
        return status
    }

    private static func state(_ state: PodRuntime.Container.State) -> JSONValue {
        switch state {
        case .waiting(let reason, let message): ["waiting": ["reason": .string(reason), "message": JSONValue(message)]]
        case .running(let since): ["running": ["startedAt": .string(since)]]
        case .terminated(let code, let reason, let started, let finished, let message):
            [
                "terminated": [
                    "exitCode": JSONValue(code), "reason": .string(reason), "startedAt": .string(started), "finishedAt": .string(finished),
                    "message": JSONValue(message),
                ]
            ]
        }
    }

    private static func qualityOfService(_ pod: JSONValue) -> String {
        let resources = (pod.spec["containers"].array + pod.spec["initContainers"].array).map { $0["resources"] }
        if resources.allSatisfy({ $0["requests"].object.isEmpty && $0["limits"].object.isEmpty }) { return "BestEffort" }
        let isGuaranteed = resources.allSatisfy { resource in
            ["cpu", "memory"].allSatisfy { !resource["limits"][$0].isNull && resource["limits"][$0] == resource["requests"][$0] }
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
