/// The step of a pod whose time has come.
struct PodStep {
    static let never = Duration.seconds(1 << 40)

    let pod: JSONValue
    let cluster: ClusterState

    var namespace: String { pod.namespace }
    var initial: [JSONValue] { pod.spec["initContainers"].array }
    var all: [JSONValue] { initial + pod.spec["containers"].array }
    var isJob: Bool { pod.spec["restartPolicy"].string != "Always" }

    func take(_ runtime: inout PodRuntime) {
        switch runtime.stage {
        case .schedule: schedule(&runtime)
        case .mount: mount(&runtime)
        case .pull(let index): pull(&runtime, index)
        case .pullBackOff(let index): beginPull(&runtime, index)
        case .start(let index): start(&runtime, index)
        case .initialise(let index): finishInit(&runtime, index)
        case .warmUp: warmUp(&runtime)
        case .serve: serve(&runtime)
        case .crashBackOff: restart(&runtime)
        case .done: break
        }
    }

    func wait(_ runtime: inout PodRuntime, _ stage: PodRuntime.Stage, _ delay: Duration) {
        runtime.stage = stage
        runtime.until = cluster.now + delay
    }

    func strike(_ kind: Fault.Kind) -> Fault? {
        guard threatens(kind) else { return nil }
        return cluster.faults.strike(kind, namespace: namespace, pod: pod, random: cluster.random())
    }

    /// Whether a fault of this kind may strike the pod.
    func threatens(_ kind: Fault.Kind) -> Bool { cluster.faults.active(kind, namespace: namespace, pod: pod) != nil }

    func record(_ type: ClusterState.EventType, _ reason: String, _ message: String, by component: String = "kubelet") {
        cluster.record(type, reason, message, about: pod, by: component)
    }

    // MARK: Before the containers

    /// A claim that is still being bound is waited for in silence, as `WaitForFirstConsumer` does.
    func schedule(_ runtime: inout PodRuntime) {
        if let reason = unschedulable() {
            cluster.change(ObjectKey(.pods, namespace, pod.name)) { pod in
                Condition.set(&pod.status, "PodScheduled", false, reason: "Unschedulable", message: reason, at: cluster.timestamp)
            }
            record(.warning, "FailedScheduling", reason, by: "default-scheduler")
            return wait(&runtime, .schedule, runtime.backOff(cluster.delays.backOff / 2))
        }
        guard !awaitsBinding else { return wait(&runtime, .schedule, cluster.delays.schedule) }
        runtime.failures = 0
        cluster.change(ObjectKey(.pods, namespace, pod.name)) { pod in
            pod.spec["nodeName"] = .string(ClusterState.nodeName)
            Condition.set(&pod.status, "PodScheduled", true, at: cluster.timestamp)
            pod.status["startTime"] = .string(cluster.timestamp)
        }
        record(
            .normal,
            "Scheduled",
            "Successfully assigned \(namespace)/\(pod.name) to \(ClusterState.nodeName)",
            by: "default-scheduler"
        )
        wait(&runtime, .mount, cluster.delays.control)
    }

    func unschedulable() -> String? {
        if let fault = strike(.pending) {
            return fault.message
                ?? "0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
        }
        for volume in pod.spec["volumes"].array {
            guard let name = volume["persistentVolumeClaim"]["claimName"].string else { continue }
            guard let claim = cluster.objects[ObjectKey(.persistentvolumeclaims, namespace, name)] else {
                return "0/1 nodes are available: persistentvolumeclaim \"\(name)\" not found."
            }
            if VolumeController.isStuck(claim, in: cluster) {
                return
                    "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
            }
            if claim.isTerminating { return "0/1 nodes are available: persistentvolumeclaim \"\(name)\" is being deleted." }
        }
        return nil
    }

    var awaitsBinding: Bool {
        pod.spec["volumes"].array.compactMap { $0["persistentVolumeClaim"]["claimName"].string }.contains { name in
            cluster.objects[ObjectKey(.persistentvolumeclaims, namespace, name)]?.status["phase"].string != "Bound"
        }
    }

    func mount(_ runtime: inout PodRuntime) {
        if let (volume, missing) = PodReferences(pod: pod, cluster: cluster).missingVolume() {
            record(.warning, "FailedMount", "MountVolume.SetUp failed for volume \"\(volume)\" : \(missing)")
            return wait(&runtime, .mount, runtime.backOff(cluster.delays.backOff / 2))
        }
        runtime.failures = 0
        beginPull(&runtime, 0)
    }

    // MARK: Images

    func beginPull(_ runtime: inout PodRuntime, _ index: Int) {
        let image = all[index]["image"].string ?? ""
        guard !cluster.images.contains(image) || cluster.faults.active(.imagePullFailure, namespace: namespace, pod: pod) != nil else {
            record(.normal, "Pulled", "Container image \"\(image)\" already present on machine")
            return wait(&runtime, .start(index), cluster.delay(\.start, in: namespace))
        }
        record(.normal, "Pulling", "Pulling image \"\(image)\"")
        wait(&runtime, .pull(index), cluster.delay(\.pull, in: namespace))
    }

    func pull(_ runtime: inout PodRuntime, _ index: Int) {
        let image = all[index]["image"].string ?? ""
        guard let fault = strike(.imagePullFailure) else {
            cluster.images.insert(image)
            runtime.failures = 0
            record(.normal, "Pulled", "Successfully pulled image \"\(image)\"")
            return wait(&runtime, .start(index), cluster.delay(\.start, in: namespace))
        }
        let why = fault.message ?? "failed to resolve reference \"\(image)\": not found (simulated)"
        record(.warning, "Failed", "Failed to pull image \"\(image)\": \(why)")
        if runtime.failures == 0 {
            runtime.containers[index].state = .waiting(reason: "ErrImagePull", message: why)
            record(.warning, "Failed", "Error: ErrImagePull")
        } else {
            runtime.containers[index].state = .waiting(reason: "ImagePullBackOff", message: "Back-off pulling image \"\(image)\": \(why)")
            record(.normal, "BackOff", "Back-off pulling image \"\(image)\"")
            record(.warning, "Failed", "Error: ImagePullBackOff")
        }
        wait(&runtime, .pullBackOff(index), runtime.backOff(cluster.delays.backOff / 4))
    }

    // MARK: Containers

    func start(_ runtime: inout PodRuntime, _ index: Int) {
        let container = all[index]
        if let missing = PodReferences(pod: pod, cluster: cluster).missing(in: container) ?? missingByFault(container) {
            runtime.containers[index].state = .waiting(reason: "CreateContainerConfigError", message: missing)
            record(.warning, "Failed", "Error: \(missing)")
            return wait(&runtime, .start(index), runtime.backOff(cluster.delays.backOff / 2))
        }
        runtime.failures = 0
        let name = container["name"].string ?? ""
        record(.normal, "Created", "Created container: \(name)")
        record(.normal, "Started", "Started container \(name)")
        runtime.containers[index].state = .running(since: cluster.timestamp)
        runtime.log("simulated container \(name) of image \(container["image"].string ?? "") started", index, at: cluster.now)
        if index < runtime.initCount {
            wait(&runtime, .initialise(index), cluster.delay(\.initialise, in: namespace))
        } else if index + 1 < all.count {
            beginPull(&runtime, index + 1)
        } else {
            beginWarmUp(&runtime)
        }
    }

    func beginWarmUp(_ runtime: inout PodRuntime) {
        if willCrash { return wait(&runtime, .warmUp, cluster.delays.crash) }
        if isJob { return wait(&runtime, .warmUp, cluster.delay(\.job, in: namespace)) }
        let ready = cluster.delay(\.ready, in: namespace)
        let main = all[runtime.initCount...]
        wait(&runtime, .warmUp, main.map { PodProbe.startup(of: $0).first(after: ready, cluster.delays.second) }.max() ?? ready)
    }

    var willCrash: Bool { [.crashLoop, .outOfMemory].contains(where: threatens) }

    func finishInit(_ runtime: inout PodRuntime, _ index: Int) {
        if let service = PodReferences(pod: pod, cluster: cluster).awaitedService(of: all[index]) {
            runtime.log("waiting for \(service)", index, at: cluster.now)
            return wait(&runtime, .initialise(index), cluster.delays.backOff / 4)
        }
        end(&runtime, index, exitCode: 0, reason: "Completed")
        runtime.containers[index].isReady = true
        if index + 1 == runtime.initCount {
            runtime.isHalfSetUp = !isJob && strike(.interruptedSetup) != nil
            for main in runtime.initCount..<all.count {
                runtime.containers[main].state = .waiting(reason: "ContainerCreating", message: nil)
            }
        }
        beginPull(&runtime, index + 1)
    }

    func end(_ runtime: inout PodRuntime, _ index: Int, exitCode: Int, reason: String, message: String? = nil) {
        guard case .running(let since) = runtime.containers[index].state else { return }
        runtime.containers[index].state = .terminated(
            exitCode: exitCode,
            reason: reason,
            started: since,
            finished: cluster.timestamp,
            message: message
        )
        runtime.containers[index].isReady = false
        runtime.chatter = nil
    }

    func warmUp(_ runtime: inout PodRuntime) {
        if let fault = strike(.crashLoop) ?? strike(.outOfMemory) { return crash(&runtime, fault) }
        if KeeperTask.isOne(pod) { return keep(&runtime) }
        guard !isJob else {
            for index in runtime.initCount..<all.count {
                let silent = PodReferences(pod: pod, cluster: cluster).silentService(askedBy: all[index])
                runtime.log(silent.map { "no answer from \($0)" } ?? "simulated job done", index, at: cluster.now)
                end(&runtime, index, exitCode: silent == nil ? 0 : 1, reason: silent == nil ? "Completed" : "Error")
            }
            return wait(&runtime, .done, .zero)
        }
        probe(&runtime)
    }
}
