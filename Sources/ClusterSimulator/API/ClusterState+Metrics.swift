extension ClusterState {
    /// What a metrics server tells of pods. No container runs: each uses half of the processor and three quarters of the memory that it asked
    /// for, as far as it asked.
    func answerMetrics(_ request: APIRequest) throws(APIFailure) -> APIResponse {
        let rest = Array(request.path.dropFirst(3))
        let namespace: String?
        switch rest.count {
        case 1 where rest[0] == "pods": namespace = nil
        case 3 where rest[0] == "namespaces" && rest[2] == "pods": namespace = rest[1]
        default: throw .noSuchPath
        }
        guard request.method == "GET" else { throw .methodNotAllowed }
        var scope = ListScope(namespace: namespace)
        if let query = request.query["labelSelector"], !query.isEmpty { scope.labels = try LabelSelector(query: query) }
        let running = objects.list(.pods, namespace: namespace).filter { scope.matches($0) && $0.status["phase"].string == "Running" }
        return .json([
            "kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": .object([:]),
            "items": .array(running.map(Self.metrics)),
        ])
    }

    private static func metrics(of pod: JSONValue) -> JSONValue {
        guard case .array(let containers) = pod.spec["containers"] else { return .null }
        let used = containers.map { container -> JSONValue in
            let requests = container["resources"]["requests"]
            let cpu = Quantity(requests["cpu"])?.milli ?? 10
            let memory = Quantity(requests["memory"])?.milli ?? (64 << 20) * 1_000
            return [
                "name": container["name"],
                "usage": ["cpu": .string("\(cpu * 1_000_000 / 2)n"), "memory": .string("\(memory / 1_000 * 3 / 4 / 1_024)Ki")],
            ]
        }
        return [
            "metadata": ["name": .string(pod.name), "namespace": .string(pod.namespace)], "window": "15s", "containers": .array(used),
        ]
    }
}
