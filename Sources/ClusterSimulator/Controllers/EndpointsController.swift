/// Service → Endpoints of the ready pods that it selects.
struct EndpointsController: Controller {
    let kind = Kind.services

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        switch change.key.kind {
        case .services: return [change.key]
        case .pods:
            guard
                change.event != .modified || change.previous?.isReadyPod != change.object.isReadyPod
                    || change.previous?.labels != change.object.labels
            else { return [] }
            return cluster.objects.list(.services, namespace: change.key.namespace).filter { service in
                let selector = service.spec["selector"].strings
                return !selector.isEmpty && LabelSelector(labels: selector).matches(change.object.labels)
            }.map { ObjectKey(.services, $0.namespace, $0.name) }
        default: return []
        }
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        let endpoints = ObjectKey(.endpoints, key.namespace, key.name)
        guard let service = cluster.objects[key] else {
            if cluster.objects[endpoints] != nil { cluster.erase(endpoints) }
            return nil
        }
        guard !service.spec["selector"].object.isEmpty else { return nil }
        let selector = LabelSelector(labels: service.spec["selector"].strings)
        let pods = cluster.objects.list(.pods, namespace: key.namespace).filter {
            selector.matches($0.labels) && !$0.status["podIP"].isNull && !$0.isFinishedPod
        }
        func addresses(_ pods: [JSONValue]) -> JSONValue {
            pods.isEmpty
                ? .null
                : .array(
                    pods.map { pod in
                        [
                            "ip": pod.status["podIP"], "nodeName": pod.spec["nodeName"],
                            "targetRef": [
                                "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name), "uid": .string(pod.uid),
                            ],
                        ]
                    }
                )
        }
        let ports = service.spec["ports"].array.map { port -> JSONValue in
            ["name": port["name"], "port": port["targetPort"].int == nil ? port["port"] : port["targetPort"], "protocol": port["protocol"]]
        }
        var subset: JSONValue = [
            "addresses": addresses(pods.filter(\.isReadyPod)), "notReadyAddresses": addresses(pods.filter { !$0.isReadyPod }),
        ]
        subset["ports"] = .array(ports)
        let subsets: JSONValue = pods.isEmpty ? .null : [subset]
        if cluster.objects[endpoints] != nil {
            cluster.change(endpoints) { $0["subsets"] = subsets }
        } else {
            let object: JSONValue = [
                "metadata": ["name": .string(key.name), "labels": service.metadata["labels"]], "subsets": subsets,
            ]
            _ = try? cluster.create(.endpoints, object, in: key.namespace, by: .controller)
        }
        return nil
    }

    static func hasReady(_ service: String, in namespace: String, of cluster: ClusterState) -> Bool {
        cluster.objects[ObjectKey(.endpoints, namespace, service)]?["subsets"].array
            .contains { !$0["addresses"].array.isEmpty } ?? false
    }
}
