extension ClusterState {
    static let nodeName = "simulated-node"
    static let defaultClass = "storageclass.kubernetes.io/is-default-class"
    static let version = "v1.34.0-store-weaver-simulator"

    /// What a fresh cluster has: namespaces, one node, storage classes, ingress classes.
    /// - Parameter defaultClassGrowsVolumes: k3s's own class of that name does not.
    func populate(defaultClassGrowsVolumes: Bool) {
        let objects: [(Kind, JSONValue)] = [
            (.namespaces, ["metadata": ["name": "default"]]),
            (.namespaces, ["metadata": ["name": "kube-system"]]),
            (.storageclasses, storageClass("local-path", isDefault: true, growsVolumes: defaultClassGrowsVolumes)),
            (.storageclasses, storageClass("expandable", isDefault: false, growsVolumes: true)),
            (
                .ingressclasses,
                [
                    "metadata": ["name": "traefik", "annotations": ["ingressclass.kubernetes.io/is-default-class": "true"]],
                    "spec": ["controller": "store-weaver.dev/simulated"],
                ]
            ),
            (.ingressclasses, ["metadata": ["name": "nginx"], "spec": ["controller": "store-weaver.dev/simulated"]]),
            (.nodes, node),
        ]
        for (kind, object) in objects {
            do { try create(kind, object, in: "", by: .controller) } catch { preconditionFailure("\(error)") }
        }
    }

    private func storageClass(_ name: String, isDefault: Bool, growsVolumes: Bool) -> JSONValue {
        var object: JSONValue = [
            "metadata": ["name": .string(name)], "provisioner": "store-weaver.dev/simulated", "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
        ]
        if isDefault { object.metadata["annotations"] = [Self.defaultClass: "true"] }
        if growsVolumes { object["allowVolumeExpansion"] = true }
        return object
    }

    private var node: JSONValue {
        let amounts: JSONValue = ["cpu": "64", "memory": "256Gi", "pods": "1000", "ephemeral-storage": "1000Gi"]
        return [
            "metadata": [
                "name": .string(Self.nodeName), "labels": ["kubernetes.io/hostname": .string(Self.nodeName), "kubernetes.io/os": "linux"],
            ],
            "spec": ["podCIDR": "10.42.0.0/24", "podCIDRs": ["10.42.0.0/24"]],
            "status": [
                "capacity": amounts, "allocatable": amounts,
                "conditions": [
                    ["type": "Ready", "status": "True", "reason": "KubeletReady", "message": "a simulated node is always ready"]
                ],
                "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
                "nodeInfo": [
                    "kubeletVersion": .string(Self.version), "osImage": "simulated", "containerRuntimeVersion": "simulated",
                    "architecture": "amd64", "operatingSystem": "linux",
                ],
            ],
        ]
    }
}
