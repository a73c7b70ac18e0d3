/// Gives LoadBalancer Services, and Ingresses of a class that is there, the address under which they are reached.
struct PublishingController: Controller {
    let kind = Kind.ingresses

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        [.ingresses, .services].contains(change.key.kind) && change.event == .added ? [change.key] : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let object = cluster.objects[key], object.status["loadBalancer"]["ingress"].array.isEmpty else { return nil }
        guard key.kind == .ingresses || object.spec["type"].string == "LoadBalancer" else { return nil }
        guard let since = cluster.claims[object.uid] else {
            cluster.claims[object.uid] = cluster.now
            return cluster.delay(\.publish, in: key.namespace)
        }
        let rest = since + cluster.delay(\.publish, in: key.namespace) - cluster.now
        guard rest <= .zero else { return rest }
        if key.kind == .ingresses, !isServed(object, in: cluster) { return cluster.delays.backOff }
        cluster.change(key) { $0.status["loadBalancer"]["ingress"] = [["ip": "127.0.0.1"]] }
        return nil
    }

    private func isServed(_ ingress: JSONValue, in cluster: ClusterState) -> Bool {
        guard cluster.faults.active(.noAddress, namespace: ingress.namespace) == nil else { return false }
        guard let name = ingress.spec["ingressClassName"].string else { return true }
        return cluster.objects[ObjectKey(.ingressclasses, "", name)] != nil
    }
}
