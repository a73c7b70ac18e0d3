package import StoreDomain

extension NamespaceView {
    /// What the API shows of it.
    package var snapshot: NamespaceSnapshot {
        NamespaceSnapshot(
            resources: resources,
            events: storeEvents,
            quotas: quotaUsage,
            replicas: workloads.reduce(0) { $0 + $1.wanted },
            podsRunning: workloads.reduce(0) { $0 + $1.ready },
            podRestarts: pods.serving.reduce(0) { $0 + $1.restarts },
            engineVersion: engineVersion
        )
    }

    /// More nobody reads, and a namespace may have thousands of pods that ended.
    private static let rowLimit = 300

    private var resources: [ResourceSummary] {
        func row(_ kind: String, _ object: some ClusterObject, _ status: ResourceSummary.Status, replicas: String? = nil) -> ResourceSummary
        {
            ResourceSummary(kind: kind, name: object.name, status: status, replicas: replicas, createdAt: object.metadata.createdAt)
        }
        func workload(_ kind: String, _ workload: Workload) -> ResourceSummary {
            row(kind, workload, workload.isReady ? .running : .pending, replicas: "\(workload.ready)/\(workload.wanted)")
        }
        var rows = deployments.inOrder.map { workload("Deployment", $0) } + statefulSets.inOrder.map { workload("StatefulSet", $0) }
        rows += jobs.inOrder.map { row("Job", $0, $0.failure == nil ? .running : .error) }
        rows += services.inOrder.map { row("Service", $0, .active) }
        rows += ingresses.inOrder.map { row("Ingress", $0, .active) }
        rows += claims.inOrder.map { row("PVC", $0, $0.phase == "Bound" ? .bound : $0.phase == "Lost" ? .error : .pending) }
        rows += pods.inOrder.map { pod in
            let isBroken = pod.status?.phase == "Failed" || PodProblem(pod) != nil
            return row("Pod", pod, isBroken ? .error : pod.isReady ? .running : .pending)
        }
        return Array(rows.prefix(Self.rowLimit))
    }

    private var storeEvents: [StoreEvent] {
        events.values.compactMap { event in
            guard let message = event.message else { return nil }
            let subject = [event.involvedObject?.kind, event.involvedObject?.name].compactMap { $0 }.joined(separator: " ")
            return StoreEvent(timestamp: event.at, message: "\(subject): \(message)", kind: event.isWarning ? .warning : .normal)
        }.sorted { ($0.timestamp, $0.message) < ($1.timestamp, $1.message) }.suffix(100)
    }

    private var quotaUsage: QuotaUsage {
        guard let quota = quotas["store-quota"] ?? quotas.inOrder.first else { return QuotaUsage() }
        func amount(_ amounts: [String: String], _ names: String...) -> String {
            names.lazy.compactMap { amounts[$0] }.first?.plain(atMost: 64) ?? "0"
        }
        return QuotaUsage(
            cpuUsed: amount(quota.used, "requests.cpu", "limits.cpu", "cpu"),
            cpuLimit: amount(quota.hard, "requests.cpu", "limits.cpu", "cpu"),
            memUsed: amount(quota.used, "requests.memory", "limits.memory", "memory"),
            memLimit: amount(quota.hard, "requests.memory", "limits.memory", "memory"),
            pvcUsed: amount(quota.used, "requests.storage"),
            pvcLimit: amount(quota.hard, "requests.storage")
        )
    }
}
