/// Deployment → ReplicaSets: one per pod template, rolled over or recreated.
struct DeploymentController: Controller {
    let kind = Kind.deployments
    private static let component = "deployment-controller"
    private static let revisionAnnotation = "deployment.kubernetes.io/revision"

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        switch (change.key.kind, change.event) {
        case (.deployments, _), (.replicasets, _): selfOrManager(of: change, in: cluster)
        // Recreate waits for the last old pod to be gone, of which its ReplicaSet's status says nothing.
        case (.pods, .deleted): deployment(ofPod: change.object, in: cluster)
        default: []
        }
    }

    private func deployment(ofPod pod: JSONValue, in cluster: ClusterState) -> [ObjectKey] {
        guard let set = pod.controllerUID.flatMap(cluster.objects.key(ofUID:)).flatMap({ cluster.objects[$0] }),
            let key = set.controllerUID.flatMap(cluster.objects.key(ofUID:)), key.kind == kind
        else { return [] }
        return [key]
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let deployment = cluster.objects[key], !deployment.isTerminating else { return nil }
        let template = Self.normalised(deployment.spec["template"])
        var sets = Self.sets(of: deployment, in: cluster)
        if !sets.contains(where: { Self.normalised($0.spec["template"]) == template }) {
            guard create(for: deployment, template: template, after: sets, in: cluster) else { return cluster.delays.backOff }
            sets = Self.sets(of: deployment, in: cluster)
        }
        guard let current = sets.first(where: { Self.normalised($0.spec["template"]) == template }) else { return nil }
        let old = sets.filter { $0.uid != current.uid }
        roll(deployment, from: old, to: current, in: cluster)
        tidy(old, keeping: deployment.spec["revisionHistoryLimit"].int ?? 10, in: cluster)
        return report(key, deployment, current: current.uid, in: cluster)
    }

    static func sets(of deployment: JSONValue, in cluster: ClusterState) -> [JSONValue] {
        cluster.objects.dependents(ofUID: deployment.uid).filter { $0.kind == .replicasets }.compactMap { cluster.objects[$0] }
            .sorted { revision($0) < revision($1) }
    }

    private static func revision(_ object: JSONValue) -> Int { Int(object.annotations[revisionAnnotation] ?? "") ?? 0 }

    /// The template without the label that ReplicaSets add.
    private static func normalised(_ template: JSONValue) -> JSONValue {
        var template = template
        template.metadata["labels"]["pod-template-hash"] = .null
        template.metadata["creationTimestamp"] = .null
        return template
    }

    private func create(for deployment: JSONValue, template: JSONValue, after sets: [JSONValue], in cluster: ClusterState) -> Bool {
        let hash = String(TemplateHash.of(template).prefix(10))
        var template = template
        template.metadata["labels"]["pod-template-hash"] = .string(hash)
        var selector = deployment.spec["selector"]
        selector["matchLabels"]["pod-template-hash"] = .string(hash)
        let number = (sets.map(Self.revision).max() ?? 0) + 1
        let set: JSONValue = [
            "metadata": [
                "name": .string("\(deployment.name)-\(hash)"), "labels": template.metadata["labels"],
                "annotations": [Self.revisionAnnotation: .string(String(number))],
                "ownerReferences": [deployment.asController(.deployments)],
            ],
            "spec": ["replicas": 0, "selector": selector, "template": template],
        ]
        guard (try? cluster.create(.replicasets, set, in: deployment.namespace, by: .controller)) != nil else { return false }
        cluster.change(ObjectKey(.deployments, deployment.namespace, deployment.name)) {
            $0.metadata["annotations"][Self.revisionAnnotation] = .string(String(number))
        }
        return true
    }

    private func roll(_ deployment: JSONValue, from old: [JSONValue], to current: JSONValue, in cluster: ClusterState) {
        let wanted = deployment.spec["replicas"].int ?? 1
        let newest = (old.map(Self.revision).max() ?? 0)
        if Self.revision(current) <= newest, !old.isEmpty { promote(current, to: newest + 1, of: deployment, in: cluster) }
        let oldCount = old.reduce(0) { $0 + ($1.spec["replicas"].int ?? 0) }
        let size = current.spec["replicas"].int ?? 0
        guard deployment.spec["strategy"]["type"].string == "RollingUpdate" else {
            for set in old { scale(set, to: 0, of: deployment, in: cluster) }
            let stillThere = old.contains { PodFactory.pods(of: $0, in: cluster).contains { !$0.isFinishedPod } }
            if !stillThere { scale(current, to: wanted, of: deployment, in: cluster) }
            return
        }
        let rolling = deployment.spec["strategy"]["rollingUpdate"]
        var surge = Self.share(rolling["maxSurge"], of: wanted, roundsUp: true)
        let unavailable = Self.share(rolling["maxUnavailable"], of: wanted, roundsUp: false)
        if surge == 0, unavailable == 0 { surge = 1 }
        scale(current, to: size > wanted ? wanted : min(wanted, max(size, wanted + surge - oldCount)), of: deployment, in: cluster)
        // Old pods may go as far as enough others serve; those that do not serve go first.
        let available = ([current] + old).reduce(0) { $0 + ($1.status["availableReplicas"].int ?? 0) }
        var spare = max(0, available - (wanted - unavailable))
        for set in old {
            let count = set.spec["replicas"].int ?? 0
            let broken = max(0, count - (set.status["availableReplicas"].int ?? 0))
            let removed = min(count, broken + spare)
            spare -= max(0, removed - broken)
            scale(set, to: count - removed, of: deployment, in: cluster)
        }
    }

    private func promote(_ set: JSONValue, to revision: Int, of deployment: JSONValue, in cluster: ClusterState) {
        for key in [ObjectKey(.replicasets, set.namespace, set.name), ObjectKey(.deployments, deployment.namespace, deployment.name)] {
            cluster.change(key) { $0.metadata["annotations"][Self.revisionAnnotation] = .string(String(revision)) }
        }
    }

    static func share(_ value: JSONValue, of count: Int, roundsUp: Bool) -> Int {
        guard let text = value.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else { return value.int ?? 0 }
        return roundsUp ? (count * percent + 99) / 100 : count * percent / 100
    }

    private func scale(_ set: JSONValue, to count: Int, of deployment: JSONValue, in cluster: ClusterState) {
        let before = set.spec["replicas"].int ?? 0
        guard before != count else { return }
        cluster.changeSpec(ObjectKey(.replicasets, set.namespace, set.name)) { $0.spec["replicas"] = JSONValue(count) }
        let verb = count > before ? "up" : "down"
        cluster.record(
            .normal,
            "ScalingReplicaSet",
            "Scaled \(verb) replica set \(set.name) from \(before) to \(count)",
            about: deployment,
            by: Self.component
        )
    }

    private func tidy(_ old: [JSONValue], keeping limit: Int, in cluster: ClusterState) {
        let idle = old.filter { $0.spec["replicas"].int == 0 && ($0.status["replicas"].int ?? 0) == 0 }
        for set in idle.dropLast(limit) { _ = try? cluster.delete(ObjectKey(.replicasets, set.namespace, set.name)) }
    }
}
