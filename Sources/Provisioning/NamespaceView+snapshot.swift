import Cluster
import Foundation
import StoreDomain

extension NamespaceView {
    /// What the API shows, from what was seen. `manifest` has its secrets redacted already.
    func snapshot(manifest: String?, at now: Date) -> NamespaceSnapshot {
        let workloads = deployments + statefulSets
        return NamespaceSnapshot(
            takenAt: now,
            resources: resources,
            events: storeEvents,
            quotas: quotaUsage,
            replicas: workloads.reduce(0) { $0 + ($1["spec"]["replicas"].int ?? 1) },
            podsRunning: workloads.reduce(0) { $0 + ($1["status"]["readyReplicas"].int ?? 0) },
            podRestarts: pods.reduce(0) { $0 + Self.containerStatuses($1).reduce(0) { $0 + ($1["restartCount"].int ?? 0) } },
            manifest: manifest,
            engineVersion: engineVersion
        )
    }

    static func containerStatuses(_ pod: JSON) -> [JSON] {
        pod["status"]["initContainerStatuses"].items + pod["status"]["containerStatuses"].items
    }

    private var resources: [ResourceSummary] {
        func workload(_ kind: String, _ object: JSON) -> ResourceSummary {
            let wanted = object["spec"]["replicas"].int ?? 1
            let ready = object["status"]["readyReplicas"].int ?? 0
            return ResourceSummary(
                kind: kind,
                name: object.name,
                status: Self.isReady(object) ? .running : .pending,
                replicas: "\(ready)/\(wanted)",
                createdAt: object.createdAt
            )
        }
        func plain(_ kind: String, _ object: JSON, _ status: ResourceSummary.Status) -> ResourceSummary {
            ResourceSummary(kind: kind, name: object.name, status: status, createdAt: object.createdAt)
        }
        var rows = deployments.map { workload("Deployment", $0) } + statefulSets.map { workload("StatefulSet", $0) }
        rows += services.map { plain("Service", $0, .active) }
        rows += ingresses.map { plain("Ingress", $0, .active) }
        rows += claims.map {
            plain("PVC", $0, $0["status"]["phase"].string == "Bound" ? .bound : $0["status"]["phase"].string == "Lost" ? .error : .pending)
        }
        rows += secretNames.map { ResourceSummary(kind: "Secret", name: $0.name, status: .active, createdAt: $0.createdAt) }
        rows += pods.map { pod in
            let status: ResourceSummary.Status =
                if pod["status"]["phase"].string == "Failed" || Problem.of(pod: pod) != nil { .error } else if Self.isReadyPod(pod) {
                    .running
                } else { .pending }
            return plain("Pod", pod, status)
        }
        return rows
    }

    private var storeEvents: [StoreEvent] {
        events.compactMap { event in
            guard let message = event["message"].string else { return nil }
            let time = JSON.date(event["lastTimestamp"].string) ?? JSON.date(event["eventTime"].string) ?? event.createdAt
            let object = event["involvedObject"]
            let subject = [object["kind"].string, object["name"].string].compactMap { $0 }.joined(separator: " ")
            return StoreEvent(
                timestamp: time,
                message: "\(subject): \(message)",
                kind: event["type"].string == "Warning" ? .warning : .normal
            )
        }.sorted { $0.timestamp < $1.timestamp }.suffix(100)
    }

    private var quotaUsage: QuotaUsage {
        let status = (quotas.first { $0.name == "store-quota" } ?? quotas.first ?? .null)["status"]
        func amount(_ kind: String, _ names: String...) -> String { names.lazy.compactMap { status[kind][$0].string }.first ?? "0" }
        return QuotaUsage(
            cpuUsed: amount("used", "requests.cpu", "limits.cpu", "cpu"),
            cpuLimit: amount("hard", "requests.cpu", "limits.cpu", "cpu"),
            memUsed: amount("used", "requests.memory", "limits.memory", "memory"),
            memLimit: amount("hard", "requests.memory", "limits.memory", "memory"),
            pvcUsed: amount("used", "requests.storage"),
            pvcLimit: amount("hard", "requests.storage")
        )
    }
}
