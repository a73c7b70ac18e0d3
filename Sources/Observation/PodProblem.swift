import StoreDomain

/// What a pod says of itself that keeps it from running.
struct PodProblem {
    let cause: Diagnosis.Cause
    let what: String
    var container: PodContainer?

    /// `crashes`: how many restarts make a crash loop. `nil` when nothing is wrong, or nothing that waiting does not end.
    init?(_ pod: Pod, crashes: Int = 1) {
        if let why = pod.unschedulable {
            let isVolume = why.lowercased().contains("persistentvolumeclaim")
            cause = isVolume ? .volumeNotBound : .unschedulable
            what = isVolume ? "A volume of the store is not bound: \(why)" : "The cluster has no place for pod \(pod.name): \(why)"
            return
        }
        for status in pod.containers {
            guard let waiting = status.state?.waiting else { continue }
            let reason = waiting.reason ?? ""
            let name = "container \(status.name) of pod \(pod.name)"
            switch reason {
            case "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError":
                cause = .imagePull
                what = "The image \(status.image ?? "?") of \(name) cannot be pulled (\(reason))."
            case "CreateContainerConfigError" where waiting.message?.contains("not found") == true:
                cause = .missingReference
                what = "The \(name) cannot be made: \(waiting.message ?? "")."
            case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError", "PreStartHookError":
                cause = .containerConfiguration
                what = "The \(name) cannot be made: \(waiting.message ?? reason)."
            case "CrashLoopBackOff" where (status.restartCount ?? 0) >= crashes:
                let last = status.lastState?.terminated
                container = PodContainer(pod: pod.name, container: status.name)
                if last?.reason == "OOMKilled" {
                    cause = .outOfMemory
                    what = "The \(name) needs more memory than it may have, and is killed again and again."
                } else {
                    cause = .crashLoop
                    what = "The \(name) ends again and again\(last?.exitCode.map { " with status \($0)" } ?? "")."
                }
            default: continue
            }
            return
        }
        return nil
    }

    /// The pod was never placed on a node: a successor would only queue behind it.
    var isForWantOfPlace: Bool { cause == .unschedulable || cause == .volumeNotBound }
}

extension Pod {
    /// Whether a new pod in its place would try at once what this one waits to try again.
    package var isStuckInBackOff: Bool { PodProblem(self).map { !$0.isForWantOfPlace } ?? false }
}
