extension ClusterState {
    /// A namespace must be there and must not be ending.
    func admitToNamespace(_ kind: Kind, _ name: String, _ namespace: String) throws(APIFailure) {
        guard let object = objects[.namespace(namespace)] else { throw .notFound(.namespaces, namespace) }
        guard object.isTerminating else { return }
        throw .forbidden(
            kind,
            name,
            "unable to create new content in namespace \(namespace) because it is being terminated",
            cause: "NamespaceTerminating"
        )
    }

    /// LimitRange defaults and limits, whether a volume may grow, then quotas.
    func admit(_ kind: Kind, _ object: inout JSONValue, replacing old: JSONValue?) throws(APIFailure) {
        guard kind.isNamespaced, kind != .events, kind != .endpoints else { return }
        if kind == .persistentvolumeclaims, let old { try admitGrowth(of: object, from: old) }
        if kind == .pods, old == nil {
            try refuseByFault(object)
            for range in objects.list(.limitranges, namespace: object.namespace) {
                try LimitRanger(range: range).apply(to: &object)
            }
        }
        for quota in objects.list(.resourcequotas, namespace: object.namespace) {
            try QuotaMath(quota: quota).admit(kind, object, replacing: old, used: quotaUsage(quota))
        }
    }

    private func admitGrowth(of claim: JSONValue, from old: JSONValue) throws(APIFailure) {
        guard let had = old.requestedStorage, let wants = claim.requestedStorage, wants > had else { return }
        let name = claim.spec["storageClassName"].string ?? ""
        guard objects[ObjectKey(.storageclasses, "", name)]?["allowVolumeExpansion"].bool != true else { return }
        throw .forbidden(
            .persistentvolumeclaims,
            claim.name,
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
        )
    }

    /// What counts towards a quota at present.
    func quotaUsage(_ quota: JSONValue) -> [String: Quantity] {
        let math = QuotaMath(quota: quota)
        var used: [String: Quantity] = [:]
        for name in math.limits.keys { used[name] = .zero }
        for kind in Kind.allCases where kind.isNamespaced && kind != .events && math.concerns(kind) {
            for object in objects.list(kind, namespace: quota.namespace) {
                for (name, amount) in math.charge(kind, object) { used[name] = (used[name] ?? .zero) + amount }
            }
        }
        return used
    }
}
