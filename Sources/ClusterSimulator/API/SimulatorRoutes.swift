/// What the simulator answers about itself, below `/simulator`.
struct SimulatorRoutes {
    let cluster: ClusterState

    func answer(_ request: APIRequest) throws(APIFailure) -> APIResponse {
        let path = Array(request.path.dropFirst())
        switch (request.method, path.first) {
        case ("GET", nil):
            return .json([
                "simulator": true, "about": "Store Weaver's cluster simulator: a development and test double, not a Kubernetes cluster",
                "objects": JSONValue(Kind.allCases.reduce(0) { $0 + cluster.objects.list($1).count }),
                "watches": JSONValue(cluster.hub.count),
                "followedLogs": JSONValue(cluster.followers.count),
                "revision": JSONValue(cluster.revision),
                "paths": [
                    "/simulator/faults/NAMESPACE", "/simulator/vault", "/simulator/requests", "/simulator/compact", "/simulator/disconnect",
                ],
            ])
        case (_, "faults"): return try faults(request, namespace: path.dropFirst().first)
        case ("GET", "vault"):
            return .json([
                "repositories": cluster.vault.json, "archives": .object(cluster.vault.archives.mapValues { JSONValue($0.bytes.count) }),
            ])
        case ("GET", "requests"):
            let limit = request.query["limit"].flatMap { Int($0) } ?? 500
            return .json(["requests": .array(cluster.requests.latest(max(0, limit), namespace: request.query["namespace"]))])
        case ("POST", "compact"):
            cluster.hub.compact(at: cluster.revision)
            return .json(["revision": JSONValue(cluster.revision)])
        case ("POST", "disconnect"):
            let count = cluster.hub.count
            cluster.hub.endAll()
            return .json(["ended": JSONValue(count)])
        default: throw .noSuchPath
        }
    }

    private func faults(_ request: APIRequest, namespace: String?) throws(APIFailure) -> APIResponse {
        guard let namespace else {
            switch request.method {
            case "GET": return .json(["namespaces": .object(cluster.faults.all.mapValues { .array($0.map(\.json)) })])
            case "DELETE":
                for name in cluster.faults.all.keys { cluster.setFaults([], on: name) }
                return .json(["namespaces": .object([:])])
            default: throw .methodNotAllowed
            }
        }
        switch request.method {
        case "GET": break
        case "PUT":
            let body = try RequestBody(request).json()
            guard case .array(let items) = body["faults"] else { throw .badRequest("the body must be {\"faults\": [{\"kind\": …}]}") }
            var faults: [Fault] = []
            for item in items { faults.append(try Fault(item)) }
            cluster.setFaults(faults, on: namespace)
        case "DELETE": cluster.setFaults([], on: namespace)
        default: throw .methodNotAllowed
        }
        return .json(["namespace": .string(namespace), "faults": .array(cluster.faults[namespace].map(\.json))])
    }
}

extension ClusterState {
    /// Replaces a namespace's faults; whatever suffers from them tries again at once.
    func setFaults(_ faults: [Fault], on namespace: String) {
        self.faults[namespace] = faults
        reconsider(namespace: namespace == "*" ? nil : namespace)
    }
}
