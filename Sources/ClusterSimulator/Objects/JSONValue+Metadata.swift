/// Names for what every Kubernetes object carries.
extension JSONValue {
    var metadata: JSONValue {
        get { self["metadata"] }
        set { self["metadata"] = newValue }
    }

    var spec: JSONValue {
        get { self["spec"] }
        set { self["spec"] = newValue }
    }

    var status: JSONValue {
        get { self["status"] }
        set { self["status"] = newValue }
    }

    var name: String { metadata["name"].string ?? "" }
    var namespace: String { metadata["namespace"].string ?? "" }
    var uid: String { metadata["uid"].string ?? "" }
    var generation: Int { metadata["generation"].int ?? 0 }
    var resourceVersion: String { metadata["resourceVersion"].string ?? "" }
    var labels: [String: String] { metadata["labels"].strings }
    var annotations: [String: String] { metadata["annotations"].strings }
    var isTerminating: Bool { !metadata["deletionTimestamp"].isNull }

    var finalizers: [String] {
        get { metadata["finalizers"].array.compactMap(\.string) }
        set { metadata["finalizers"] = newValue.isEmpty ? .null : .array(newValue.map(JSONValue.string)) }
    }

    var owners: [JSONValue] { metadata["ownerReferences"].array }

    /// The owner that manages the object, such as a pod's ReplicaSet.
    var controllerUID: String? { owners.first { $0["controller"].bool == true }?["uid"].string }

    /// The reference by which another object names this one as its managing owner.
    func asController(_ kind: Kind) -> JSONValue {
        [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.name), "name": .string(name), "uid": .string(uid),
            "controller": true, "blockOwnerDeletion": true,
        ]
    }

    /// The condition of this type.
    func condition(_ type: String) -> JSONValue {
        status["conditions"].array.first { $0["type"].string == type } ?? .null
    }

    /// What a volume claim asks for.
    var requestedStorage: Quantity? { Quantity(spec["resources"]["requests"]["storage"]) }

    /// Whether a pod has run for the last time.
    var isFinishedPod: Bool { ["Succeeded", "Failed"].contains(status["phase"].string ?? "") }

    var isReadyPod: Bool { condition("Ready")["status"].string == "True" && !isTerminating }
}
