/// The checks whose refusals provisioners meet: names, selectors, fields that may not change.
enum Validation {
    static func check(_ kind: Kind, _ object: JSONValue) throws(APIFailure) {
        try checkName(kind, object.name)
        for (key, value) in object.labels where !isLabelValue(value) {
            throw .invalid(
                kind,
                object.name,
                "metadata.labels: Invalid value: \"\(value)\": a valid label must be 63 characters or less (\(key))"
            )
        }
        switch kind {
        case .deployments, .replicasets, .statefulsets, .daemonsets:
            let selector = LabelSelector(object: object.spec["selector"])
            guard !selector.requirements.isEmpty else { throw .invalid(kind, object.name, "spec.selector: Required value") }
            guard selector.matches(object.spec["template"].labels) else {
                throw .invalid(
                    kind,
                    object.name,
                    "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"
                )
            }
            try checkPod(kind, object.name, object.spec["template"].spec, path: "spec.template.spec")
        case .jobs: try checkPod(kind, object.name, object.spec["template"].spec, path: "spec.template.spec")
        case .pods: try checkPod(kind, object.name, object.spec, path: "spec")
        case .persistentvolumeclaims:
            guard object.requestedStorage != nil else {
                throw .invalid(kind, object.name, "spec.resources[storage]: Required value")
            }
        default: break
        }
    }

    private static func checkPod(_ kind: Kind, _ name: String, _ spec: JSONValue, path: String) throws(APIFailure) {
        guard !spec["containers"].array.isEmpty else { throw .invalid(kind, name, "\(path).containers: Required value") }
        for container in spec["containers"].array + spec["initContainers"].array {
            guard container["image"].string?.isEmpty == false else {
                throw .invalid(kind, name, "\(path).containers[].image: Required value")
            }
            for (resource, limit) in container["resources"]["limits"].object {
                guard let limit = Quantity(limit) else {
                    throw .badRequest("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
                }
                if let request = Quantity(container["resources"]["requests"][resource]), request > limit {
                    throw .invalid(
                        kind,
                        name,
                        "\(path).containers[].resources.requests: Invalid value: \"\(request.text)\": must be less than or equal to \(resource) limit of \(limit.text)"
                    )
                }
            }
        }
    }

    private static func checkName(_ kind: Kind, _ name: String) throws(APIFailure) {
        let isRBAC = kind.group == "rbac.authorization.k8s.io"
        let limit = [.namespaces, .services].contains(kind) ? 63 : 253
        let isValid =
            isRBAC
            || (!name.isEmpty && name.utf8.count <= limit && isAlphanumeric(name.first) && isAlphanumeric(name.last)
                && name.allSatisfy { isAlphanumeric($0) || $0 == "-" || ($0 == "." && limit == 253) }
                && (kind != .services || name.first?.isLetter == true))
        guard isValid else {
            throw .invalid(
                kind,
                name,
                "metadata.name: Invalid value: \"\(name)\": a lowercase RFC 1123 \(limit == 63 ? "label" : "subdomain") must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
            )
        }
    }

    private static func isAlphanumeric(_ character: Character?) -> Bool {
        guard let character, character.isASCII else { return false }
        return character.isNumber || (character.isLetter && character.isLowercase)
    }

    private static func isLabelValue(_ value: String) -> Bool {
        value.utf8.count <= 63
            && value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
            && (value.isEmpty || (!"-_.".contains(value.first ?? "-") && !"-_.".contains(value.last ?? "-")))
    }

    /// A volume never shrinks, and before it is there nothing of the claim changes. The texts are those of Kubernetes 1.34.
    private static func checkClaim(old: JSONValue, new: JSONValue) throws(APIFailure) {
        var (before, after) = (old.spec, new.spec)
        let isBound = old.status["phase"].string == "Bound"
        for field in isBound ? ["resources", "volumeName"] : ["volumeName"] { (before[field], after[field]) = (.null, .null) }
        guard before == after else {
            throw .invalid(
                .persistentvolumeclaims,
                new.name,
                "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
            )
        }
        guard let had = old.requestedStorage, let wants = new.requestedStorage, wants < had,
            wants <= Quantity(old.status["capacity"]["storage"]) ?? .zero
        else { return }
        throw .invalid(
            .persistentvolumeclaims,
            new.name,
            "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"
        )
    }

    static func checkImmutable(_ kind: Kind, old: JSONValue, new: JSONValue) throws(APIFailure) {
        switch kind {
        case .statefulsets:
            let mutable: Set = [
                "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy",
                "minReadySeconds",
            ]
            let changed = Set(old.spec.object.keys).union(new.spec.object.keys).contains { field in
                !mutable.contains(field) && old.spec[field] != new.spec[field]
            }
            guard changed else { return }
            throw .invalid(
                kind,
                new.name,
                "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            )
        case .deployments, .replicasets, .daemonsets:
            guard old.spec["selector"] != new.spec["selector"] else { return }
            throw .invalid(kind, new.name, "spec.selector: Invalid value: \(new.spec["selector"].text): field is immutable")
        case .jobs:
            guard old.spec["template"] != new.spec["template"] else { return }
            throw .invalid(kind, new.name, "spec.template: Invalid value: field is immutable")
        case .persistentvolumeclaims:
            try checkClaim(old: old, new: new)
        case .secrets, .configmaps:
            guard old["immutable"].bool == true, old["data"] != new["data"] else { return }
            throw .invalid(kind, new.name, "data: Forbidden: field is immutable when `immutable` is set")
        default: return
        }
    }
}
