/// How workloads make pods and count them.
enum PodFactory {
    /// - Throws: what admission refuses; it is recorded as the owner's event `FailedCreate` too.
    static func create(
        from template: JSONValue,
        owner: JSONValue,
        kind: Kind,
        name: String?,
        labels: [String: String] = [:],
        component: String,
        in cluster: ClusterState,
        adapt: (inout JSONValue) -> Void = { _ in }
    ) throws(APIFailure) {
        var pod: JSONValue = ["metadata": template.metadata, "spec": template.spec]
        pod.metadata["name"] = JSONValue(name)
        if name == nil { pod.metadata["generateName"] = .string(owner.name + "-") }
        for (key, value) in labels { pod.metadata["labels"][key] = .string(value) }
        pod.metadata["ownerReferences"] = [owner.asController(kind)]
        adapt(&pod)
        do throws(APIFailure) {
            let made = try cluster.create(.pods, pod, in: owner.namespace, by: .controller)
            let what =
                kind == .statefulsets ? "create Pod \(made.name) in StatefulSet \(owner.name) successful" : "Created pod: \(made.name)"
            cluster.record(.normal, "SuccessfulCreate", what, about: owner, by: component)
        } catch {
            let what =
                kind == .statefulsets
                ? "create Pod \(name ?? "") in StatefulSet \(owner.name) failed error: \(error.message)"
                : "Error creating: \(error.message)"
            cluster.record(.warning, "FailedCreate", what, about: owner, by: component)
            throw error
        }
    }

    static func delete(_ pod: JSONValue, owner: JSONValue, component: String, in cluster: ClusterState) {
        guard (try? cluster.delete(ObjectKey(.pods, pod.namespace, pod.name))) != nil else { return }
        cluster.record(.normal, "SuccessfulDelete", "Deleted pod: \(pod.name)", about: owner, by: component)
    }

    /// The pods that an object manages.
    static func pods(of owner: JSONValue, in cluster: ClusterState) -> [JSONValue] {
        cluster.objects.dependents(ofUID: owner.uid).filter { $0.kind == .pods }.compactMap { cluster.objects[$0] }
            .filter { $0.controllerUID == owner.uid }.sorted { $0.name < $1.name }
    }
}

/// Conditions as controllers keep them: the time changes only with the status.
enum Condition {
    static func set(_ status: inout JSONValue, _ type: String, _ value: Bool, reason: String = "", message: String = "", at time: String) {
        let text: JSONValue = value ? "True" : "False"
        var conditions = status["conditions"].array
        let old = conditions.first { $0["type"].string == type }
        var condition: JSONValue = ["type": .string(type), "status": text]
        condition["lastTransitionTime"] = old?["status"] == text ? old?["lastTransitionTime"] ?? .string(time) : .string(time)
        if !reason.isEmpty { condition["reason"] = .string(reason) }
        if !message.isEmpty { condition["message"] = .string(message) }
        if let index = conditions.firstIndex(where: { $0["type"].string == type }) {
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
        status["conditions"] = .array(conditions)
    }

    static func remove(_ status: inout JSONValue, _ type: String) {
        status["conditions"] = .array(status["conditions"].array.filter { $0["type"].string != type })
    }
}
