/// StatefulSet → volume claims and pods with stable names, one after the other unless `Parallel`.
///
/// As in life, an `OrderedReady` set whose pod never becomes ready does not replace it after a rollback either.
struct StatefulSetController: Controller {
    let kind = Kind.statefulsets
    private static let component = "statefulset-controller"
    private static let revisionLabel = "controller-revision-hash"

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        [.statefulsets, .pods].contains(change.key.kind) ? selfOrManager(of: change, in: cluster) : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let set = cluster.objects[key], !set.isTerminating else { return nil }
        let revision = "\(set.name)-\(TemplateHash.of(set.spec["template"]))"
        let wait = act(set, revision: revision, in: cluster)
        report(key, revision: revision, in: cluster)
        return wait
    }

    private func act(_ set: JSONValue, revision: String, in cluster: ClusterState) -> Duration? {
        let wanted = set.spec["replicas"].int ?? 1
        let isOrdered = set.spec["podManagementPolicy"].string != "Parallel"
        for ordinal in 0..<max(wanted, 0) {
            guard let pod = cluster.objects[ObjectKey(.pods, set.namespace, "\(set.name)-\(ordinal)")] else {
                guard create(ordinal, of: set, revision: revision, in: cluster) else { return cluster.delays.backOff }
                if isOrdered { return nil }
                continue
            }
            if pod.isFinishedPod {
                let what = "StatefulSet \(set.namespace)/\(set.name) is recreating failed Pod \(pod.name)"
                cluster.record(.warning, "RecreatingFailedPod", what, about: set, by: Self.component)
                PodFactory.delete(pod, owner: set, component: Self.component, in: cluster)
                return nil
            }
            if isOrdered, !pod.isReadyPod { return nil }
        }
        let surplus = PodFactory.pods(of: set, in: cluster).filter { ordinal($0, of: set) >= wanted && !$0.isTerminating }
        if let last = surplus.max(by: { ordinal($0, of: set) < ordinal($1, of: set) }) {
            PodFactory.delete(last, owner: set, component: Self.component, in: cluster)
            return nil
        }
        guard set.spec["updateStrategy"]["type"].string == "RollingUpdate" else { return nil }
        let partition = set.spec["updateStrategy"]["rollingUpdate"]["partition"].int ?? 0
        for ordinal in stride(from: wanted - 1, through: partition, by: -1) {
            guard let pod = cluster.objects[ObjectKey(.pods, set.namespace, "\(set.name)-\(ordinal)")] else { return nil }
            if pod.labels[Self.revisionLabel] != revision {
                if !pod.isTerminating { PodFactory.delete(pod, owner: set, component: Self.component, in: cluster) }
                return nil
            }
            if !pod.isReadyPod { return nil }
        }
        return nil
    }

    private func ordinal(_ pod: JSONValue, of set: JSONValue) -> Int { Int(pod.name.dropFirst(set.name.count + 1)) ?? 0 }

    private func create(_ ordinal: Int, of set: JSONValue, revision: String, in cluster: ClusterState) -> Bool {
        let name = "\(set.name)-\(ordinal)"
        var volumes: [JSONValue] = []
        for template in set.spec["volumeClaimTemplates"].array {
            let claim = "\(template.name)-\(name)"
            volumes.append(["name": .string(template.name), "persistentVolumeClaim": ["claimName": .string(claim)]])
            guard cluster.objects[ObjectKey(.persistentvolumeclaims, set.namespace, claim)] == nil else { continue }
            var object: JSONValue = ["metadata": template.metadata, "spec": template.spec]
            object.metadata["name"] = .string(claim)
            for (key, value) in set.spec["selector"]["matchLabels"].strings { object.metadata["labels"][key] = .string(value) }
            if set.spec["persistentVolumeClaimRetentionPolicy"]["whenDeleted"].string == "Delete" {
                object.metadata["ownerReferences"] = [set.asController(.statefulsets)]
            }
            do throws(APIFailure) {
                try cluster.create(.persistentvolumeclaims, object, in: set.namespace, by: .controller)
                let what = "create Claim \(claim) Pod \(name) in StatefulSet \(set.name) success"
                cluster.record(.normal, "SuccessfulCreate", what, about: set, by: Self.component)
            } catch {
                let what = "create Claim \(claim) for Pod \(name) in StatefulSet \(set.name) failed error: \(error.message)"
                cluster.record(.warning, "FailedCreate", what, about: set, by: Self.component)
                return false
            }
        }
        let labels = [
            Self.revisionLabel: revision, "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": String(ordinal),
        ]
        do throws(APIFailure) {
            try PodFactory.create(
                from: set.spec["template"],
                owner: set,
                kind: .statefulsets,
                name: name,
                labels: labels,
                component: Self.component,
                in: cluster
            ) { pod in
                pod.spec["hostname"] = .string(name)
                pod.spec["subdomain"] = set.spec["serviceName"]
                let others = pod.spec["volumes"].array.filter { other in !volumes.contains { $0["name"] == other["name"] } }
                if !(others + volumes).isEmpty { pod.spec["volumes"] = .array(others + volumes) }
            }
            return true
        } catch { return false }
    }

    private func report(_ key: ObjectKey, revision: String, in cluster: ClusterState) {
        guard let set = cluster.objects[key] else { return }
        let pods = PodFactory.pods(of: set, in: cluster)
        let ready = pods.count(where: \.isReadyPod)
        let updated = pods.filter { $0.labels[Self.revisionLabel] == revision }
        let wanted = set.spec["replicas"].int ?? 1
        var status = set.status
        status["observedGeneration"] = JSONValue(set.generation)
        status["replicas"] = JSONValue(pods.count)
        status["readyReplicas"] = JSONValue(ready)
        status["availableReplicas"] = JSONValue(ready)
        status["updatedReplicas"] = JSONValue(updated.count)
        status["updateRevision"] = .string(revision)
        if status["currentRevision"].isNull || (updated.count == wanted && ready == wanted && pods.count == wanted) {
            status["currentRevision"] = .string(revision)
        }
        let current = status["currentRevision"].string
        status["currentReplicas"] = JSONValue(pods.count { $0.labels[Self.revisionLabel] == current })
        status["collisionCount"] = 0
        cluster.change(key) { $0.status = status }
    }
}
