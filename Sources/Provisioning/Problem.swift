import Cluster
import Foundation
import StoreDomain

/// Something that keeps a store from becoming ready, in words for people.
struct Problem: Sendable, Equatable {
    enum Cause: Sendable, Hashable {
        case imagePull
        case configuration
        case crashLoop
        case unschedulable
        case quota
        case volume
    }

    var cause: Cause
    var message: String
    /// The container whose log tells more.
    var container: (pod: String, name: String)?

    static func == (left: Problem, right: Problem) -> Bool { left.cause == right.cause && left.message == right.message }

    /// The first problem in the namespace, the most telling ones first.
    static func first(in view: NamespaceView, patience: ProvisioningSettings.Patience) -> Problem? {
        for pod in view.livingPods {
            if let problem = of(pod: pod, restarts: patience.restarts) { return problem }
        }
        let workloads = view.replicaSets + view.statefulSets
        for event in view.events where event["reason"].string == "FailedCreate" {
            let message = event["message"].string ?? ""
            let object = event["involvedObject"]["name"].string
            // An event stays when its cause is gone; only a workload that still lacks pods has the problem.
            let lacking = workloads.contains {
                $0.name == object && ($0["status"]["replicas"].int ?? 0) < ($0["spec"]["replicas"].int ?? 1)
            }
            if message.contains("exceeded quota"), lacking {
                return Problem(
                    cause: .quota,
                    message: "The store's quota leaves no room for a pod: \(message). Raise the quota or choose a smaller plan."
                )
            }
        }
        return nil
    }

    static func of(pod: JSON, restarts: Int = 1) -> Problem? {
        for condition in pod["status"]["conditions"].items
        where condition["type"].string == "PodScheduled" && condition["status"].string == "False"
            && condition["reason"].string == "Unschedulable"
        {
            let why = condition["message"].string ?? "no node has room"
            let volume = why.contains("PersistentVolumeClaim")
            return Problem(
                cause: volume ? .volume : .unschedulable,
                message: volume
                    ? "A volume of the store is not bound: \(why). Look at the storage class and its provisioner."
                    : "The cluster has no place for pod \(pod.name): \(why). Add a node or free resources."
            )
        }
        for status in NamespaceView.containerStatuses(pod) {
            let waiting = status["state"]["waiting"]
            let container = status["name"].string ?? ""
            switch waiting["reason"].string {
            case "ImagePullBackOff", "ErrImagePull", "InvalidImageName":
                let image = status["image"].string ?? "?"
                return Problem(
                    cause: .imagePull,
                    message:
                        "The image \(image) cannot be pulled (\(waiting["reason"].string ?? "")). Check that it exists and that the cluster may pull it, then retry."
                )
            case "CreateContainerConfigError", "CreateContainerError":
                return Problem(
                    cause: .configuration,
                    message:
                        "Container \(container) of pod \(pod.name) cannot be made: \(waiting["message"].string ?? "its configuration is wrong")."
                )
            case "CrashLoopBackOff" where (status["restartCount"].int ?? 0) >= restarts:
                let code = status["lastState"]["terminated"]["exitCode"].int.map { " with status \($0)" } ?? ""
                return Problem(
                    cause: .crashLoop,
                    message: "Container \(container) of pod \(pod.name) ends again and again\(code).",
                    container: (pod.name, container)
                )
            default: continue
            }
        }
        return nil
    }

    /// Whether the pod was never placed on a node.
    var isForWantOfPlace: Bool { cause == .unschedulable || cause == .volume }

    func patience(_ patience: ProvisioningSettings.Patience) -> Duration {
        switch cause {
        case .imagePull: patience.imagePull
        case .configuration: patience.configuration
        case .crashLoop: .zero
        case .unschedulable: patience.unschedulable
        case .quota: patience.quota
        case .volume: patience.volume
        }
    }
}
