/// How the lists of Kubernetes' own kinds merge: by key, as a set, or as a whole.
///
/// After the `patchMergeKey` and `listMapKey` marks of the API's types; told by the field's name, because each name means
/// the same wherever our kinds have it. (`ports` of containers and of Services are told apart by their members.)
enum ListSchema {
    case keyed([String])
    case set
    case atomic

    /// For server-side apply.
    static func forApply(_ field: String, _ sample: JSONValue) -> ListSchema {
        switch field {
        case "ports" where !sample["containerPort"].isNull: .keyed(["containerPort", "protocol"])
        case "ports": .keyed(["port", "protocol"])
        case "topologySpreadConstraints": .keyed(["topologyKey", "whenUnsatisfiable"])
        case "hostAliases": .keyed(["ip"])
        case "finalizers": .set
        default: common(field)
        }
    }

    /// For strategic merge patches.
    static func forPatch(_ field: String, _ sample: JSONValue) -> ListSchema {
        switch field {
        case "ports" where !sample["containerPort"].isNull: .keyed(["containerPort"])
        case "ports": .keyed(["port"])
        case "topologySpreadConstraints": .keyed(["topologyKey"])
        case "hostAliases": .keyed(["ip"])
        case "finalizers": .set
        default: common(field)
        }
    }

    private static func common(_ field: String) -> ListSchema {
        switch field {
        case "containers", "initContainers", "ephemeralContainers", "env", "volumes", "imagePullSecrets", "secrets": .keyed(["name"])
        case "volumeMounts": .keyed(["mountPath"])
        case "volumeDevices": .keyed(["devicePath"])
        case "ownerReferences": .keyed(["uid"])
        case "conditions": .keyed(["type"])
        default: .atomic
        }
    }

    /// Objects that are owned and replaced as a whole.
    static func isAtomicObject(_ field: String, parent: String) -> Bool {
        switch field {
        case "selector", "nodeSelector", "scaleTargetRef", "resourceFieldRef", "fieldRef", "secretKeyRef", "configMapKeyRef": true
        case "podSelector", "namespaceSelector", "labelSelector": true
        default: false
        }
    }
}
