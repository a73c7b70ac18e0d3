/// Refusals that a fault asks for, in the words of the part of Kubernetes that it stands for.
extension ClusterState {
    /// Refuses a new pod.
    func refuseByFault(_ pod: JSONValue) throws(APIFailure) {
        for kind in [Fault.Kind.quotaRejection, .podSecurity, .limitRange] {
            guard let fault = faults.strike(kind, namespace: pod.namespace, pod: pod, random: random()) else { continue }
            throw .forbidden(.pods, pod.name, fault.message ?? Self.refusal(kind, of: pod))
        }
    }

    private static func refusal(_ kind: Fault.Kind, of pod: JSONValue) -> String {
        switch kind {
        case .podSecurity: return PodSecurity.violations(of: pod)
        case .limitRange:
            let limit = pod.spec["containers"][0]["resources"]["limits"]["memory"].string
            return "maximum memory usage per Container is 1Mi" + (limit.map { ", but limit is \($0)" } ?? ".  No limit is specified")
        default: return "exceeded quota: simulated-quota, requested: pods=1, used: pods=0, limited: pods=0"
        }
    }

    /// Refuses a patch by Helm: an apply because another manager has a field, unless it takes it over; any other as if it came too late.
    func conflictByFault(_ key: ObjectKey, _ request: APIRequest) throws(APIFailure) {
        guard request.author.manager.lowercased().hasPrefix("helm"), objects[key] != nil, !request.isSet("force"),
            let fault = faults.strike(.helmConflict, namespace: key.namespace, random: random())
        else { return }
        guard request.contentType.hasPrefix("application/apply-patch") else { throw .stale(key.kind, key.name) }
        let field = [.deployments, .statefulsets].contains(key.kind) ? ".spec.replicas" : ".metadata.labels"
        throw ServerSideApply.conflict([(fault.message ?? "kubectl-edit", [field])], key.kind, key.name)
    }
}

/// The words of Pod Security Admission for a pod that sets nothing of what the profile "restricted" asks for.
enum PodSecurity {
    static func violations(of pod: JSONValue) -> String {
        let names = (pod.spec["initContainers"].array + pod.spec["containers"].array).compactMap { $0["name"].string }
        let who = (names.count == 1 ? "container " : "containers ") + names.map { "\"\($0)\"" }.joined(separator: ", ")
        let violations = [
            "allowPrivilegeEscalation != false (\(who) must set securityContext.allowPrivilegeEscalation=false)",
            "unrestricted capabilities (\(who) must set securityContext.capabilities.drop=[\"ALL\"])",
            "runAsNonRoot != true (pod or \(who) must set securityContext.runAsNonRoot=true)",
            "seccompProfile (pod or \(who) must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")",
        ]
        return "violates PodSecurity \"restricted:latest\": " + violations.joined(separator: ", ")
    }
}
