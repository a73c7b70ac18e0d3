/// Binds volume claims to volumes, and keeps a claim that pods use until they are gone.
struct VolumeController: Controller {
    static let protection = "kubernetes.io/pvc-protection"
    let kind = Kind.persistentvolumeclaims

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        switch change.key.kind {
        case .persistentvolumeclaims: return [change.key]
        case .pods where change.event == .deleted:
            return change.object.spec["volumes"].array.compactMap { volume in
                volume["persistentVolumeClaim"]["claimName"].string.map { ObjectKey(kind, change.key.namespace, $0) }
            }
        default: return []
        }
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let claim = cluster.objects[key] else {
            for volume in cluster.objects.list(.persistentvolumes)
            where volume.spec["claimRef"]["namespace"].string == key.namespace && volume.spec["claimRef"]["name"].string == key.name {
                _ = try? cluster.delete(ObjectKey(.persistentvolumes, "", volume.name))
            }
            return nil
        }
        if claim.isTerminating { return release(key, claim, in: cluster) }
        guard claim.status["phase"].string != "Bound" else { return resize(key, claim, in: cluster) }
        guard let since = cluster.claims[claim.uid] else {
            cluster.claims[claim.uid] = cluster.now
            return cluster.delay(\.bind, in: key.namespace)
        }
        let rest = since + cluster.delay(\.bind, in: key.namespace) - cluster.now
        guard rest <= .zero else { return rest }
        bind(key, claim, in: cluster)
        return nil
    }

    private func bind(_ key: ObjectKey, _ claim: JSONValue, in cluster: ClusterState) {
        let name = "pvc-\(claim.uid)"
        let size = claim.spec["resources"]["requests"]["storage"]
        let volume: JSONValue = [
            "metadata": ["name": .string(name)],
            "spec": [
                "capacity": ["storage": size], "accessModes": claim.spec["accessModes"], "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": claim.spec["storageClassName"],
                "claimRef": [
                    "kind": "PersistentVolumeClaim", "namespace": .string(key.namespace), "name": .string(key.name),
                    "uid": .string(claim.uid),
                ],
                "hostPath": ["path": "/nowhere (simulated)"],
            ],
        ]
        guard (try? cluster.create(.persistentvolumes, volume, in: "", by: .controller)) != nil else { return }
        cluster.change(ObjectKey(.persistentvolumes, "", name)) { $0.status["phase"] = "Bound" }
        cluster.change(key) { claim in
            claim.spec["volumeName"] = .string(name)
            claim.metadata["annotations"]["pv.kubernetes.io/bind-completed"] = "yes"
            claim.status = ["phase": "Bound", "accessModes": claim.spec["accessModes"], "capacity": ["storage": size]]
        }
        cluster.record(
            .normal,
            "ProvisioningSucceeded",
            "Successfully provisioned volume \(name)",
            about: claim,
            by: "store-weaver.dev/simulated"
        )
    }

    private func resize(_ key: ObjectKey, _ claim: JSONValue, in cluster: ClusterState) -> Duration? {
        let wanted = claim.spec["resources"]["requests"]["storage"]
        guard claim.status["capacity"]["storage"] != wanted else { return nil }
        cluster.change(key) { $0.status["capacity"]["storage"] = wanted }
        return nil
    }

    private func release(_ key: ObjectKey, _ claim: JSONValue, in cluster: ClusterState) -> Duration? {
        let isUsed = cluster.objects.list(.pods, namespace: key.namespace).contains { pod in
            pod.spec["volumes"].array.contains { $0["persistentVolumeClaim"]["claimName"].string == key.name }
        }
        guard !isUsed, claim.finalizers.contains(Self.protection) else { return nil }
        cluster.change(key) { $0.finalizers.removeAll { $0 == Self.protection } }
        cluster.settleDeletion(key)
        return nil
    }
}
