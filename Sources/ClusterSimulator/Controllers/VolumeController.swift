/// Binds volume claims to volumes, lets them grow, and keeps a claim that pods use until they are gone.
struct VolumeController: Controller {
    static let protection = "kubernetes.io/pvc-protection"
    private static let binder = "persistentvolume-controller"
    static let provisioner = "store-weaver.dev/simulated"
    let kind = Kind.persistentvolumeclaims

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        switch change.key.kind {
        case .persistentvolumeclaims: return [change.key]
        case .pods where change.event == .deleted || change.event == .added:
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
        guard claim.status["phase"].string != "Bound" else { return grow(key, claim, in: cluster) }
        guard isWanted(claim, in: cluster) else {
            let why = "waiting for first consumer to be created before binding"
            cluster.record(.normal, "WaitForFirstConsumer", why, about: claim, by: Self.binder)
            return nil
        }
        guard let since = cluster.claims[claim.uid] else {
            cluster.claims[claim.uid] = cluster.now
            return cluster.delay(\.bind, in: key.namespace)
        }
        let rest = since + cluster.delay(\.bind, in: key.namespace) - cluster.now
        guard rest <= .zero else { return rest }
        guard provision(claim, in: cluster) else {
            return cluster.delays.backOff * 2
        }
        cluster.claims[claim.uid] = nil
        bind(key, claim, in: cluster)
        return nil
    }

    /// Why a claim stays unbound for good, as far as is known: not what it is waiting for.
    static func isStuck(_ claim: JSONValue, in cluster: ClusterState) -> Bool {
        guard claim.status["phase"].string != "Bound" else { return false }
        return !hasClass(claim, in: cluster)
            || cluster.faults.active(.volumeUnbound, namespace: claim.namespace, pod: claim) != nil
    }

    private static func hasClass(_ claim: JSONValue, in cluster: ClusterState) -> Bool {
        cluster.objects[ObjectKey(.storageclasses, "", claim.spec["storageClassName"].string ?? "")] != nil
    }

    /// Whether a claim is bound at once, as its class says, or a pod is there that uses it.
    private func isWanted(_ claim: JSONValue, in cluster: ClusterState) -> Bool {
        let name = ObjectKey(.storageclasses, "", claim.spec["storageClassName"].string ?? "")
        guard cluster.objects[name]?["volumeBindingMode"].string == "WaitForFirstConsumer" else { return true }
        return isUsed(claim.name, in: claim.namespace, of: cluster)
    }

    func isUsed(_ claim: String, in namespace: String, of cluster: ClusterState) -> Bool {
        cluster.objects.list(.pods, namespace: namespace).contains { pod in
            pod.spec["volumes"].array.contains { $0["persistentVolumeClaim"]["claimName"].string == claim }
        }
    }

    /// Whether a volume can be made; if not, an event says why.
    private func provision(_ claim: JSONValue, in cluster: ClusterState) -> Bool {
        let name = claim.spec["storageClassName"].string ?? ""
        if name.isEmpty {
            let why = "no persistent volumes available for this claim and no storage class is set"
            cluster.record(.normal, "FailedBinding", why, about: claim, by: Self.binder)
        } else if !Self.hasClass(claim, in: cluster) {
            let why = "storageclass.storage.k8s.io \"\(name)\" not found"
            cluster.record(.warning, "ProvisioningFailed", why, about: claim, by: Self.binder)
        } else if let fault = cluster.faults.strike(.volumeUnbound, namespace: claim.namespace, pod: claim, random: cluster.random()) {
            let cause = fault.message ?? "rpc error: code = ResourceExhausted desc = not enough free space (simulated)"
            let why = "failed to provision volume with StorageClass \"\(name)\": \(cause)"
            cluster.record(.warning, "ProvisioningFailed", why, about: claim, by: Self.provisioner)
        } else {
            return true
        }
        return false
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
            by: Self.provisioner
        )
    }

    private func release(_ key: ObjectKey, _ claim: JSONValue, in cluster: ClusterState) -> Duration? {
        guard !isUsed(key.name, in: key.namespace, of: cluster), claim.finalizers.contains(Self.protection) else { return nil }
        cluster.change(key) { $0.finalizers.removeAll { $0 == Self.protection } }
        cluster.settleDeletion(key)
        return nil
    }
}
