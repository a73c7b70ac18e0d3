extension ClusterState {
    func answerSubresource(_ subresource: String, _ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        let key = try path.key()
        switch (path.kind, subresource, request.method) {
        case (_, "status", "GET"):
            guard let object = objects[key] else { throw .notFound(key.kind, key.name) }
            return answer(object, request)
        case (_, "status", "PUT"): return answer(try replaceStatus(key, with: RequestBody(request).object(of: path.kind)), request)
        case (_, "status", "PATCH"): return try patch(path, request, ofStatus: true)
        case (.deployments, "scale", _), (.statefulsets, "scale", _), (.replicasets, "scale", _): return try scale(key, request)
        case (.pods, "log", "GET"): return try log(key, request)
        case (.pods, "eviction", "POST"):
            try delete(key)
            return .json(["kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Success"], status: 201)
        case (.services, "proxy", _): return try proxy(path, request)
        case (.namespaces, "finalize", "PUT"):
            guard let object = objects[key] else { throw .notFound(key.kind, key.name) }
            let body = try RequestBody(request).object(of: path.kind)
            if body.spec["finalizers"].array.isEmpty, object.isTerminating { erase(key) }
            return answer(body, request)
        default: throw .noSuchPath
        }
    }

    private func scale(_ key: ObjectKey, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        guard var object = objects[key] else { throw .notFound(key.kind, key.name) }
        if request.method != "GET" {
            let count = try RequestBody(request).json().spec["replicas"]
            guard count.int != nil else { throw .badRequest("spec.replicas: Required value") }
            object.spec["replicas"] = count
            object = try replace(key, with: object, by: request.author)
        }
        return .json([
            "kind": "Scale", "apiVersion": "autoscaling/v1",
            "metadata": [
                "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(object.uid),
                "resourceVersion": .string(object.resourceVersion),
            ],
            "spec": ["replicas": object.spec["replicas"]], "status": ["replicas": object.status["replicas"]],
        ])
    }

    /// `/services/[scheme:]name[:port]/proxy/path`: the simulated store behind the Service.
    private func proxy(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        let parts = (path.name ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let name = parts.count == 3 ? parts[1] : parts[0]
        let namespace = path.namespace ?? ""
        guard objects[ObjectKey(.services, namespace, name)] != nil else { throw .notFound(.services, name) }
        guard let storefront = SimulatedStorefront(service: name, namespace: namespace, in: self), storefront.isReady else {
            throw APIFailure(
                code: 503,
                reason: "ServiceUnavailable",
                message: "no endpoints available for service \"\(path.name ?? "")\""
            )
        }
        return visit(
            storefront,
            StorefrontRequest(
                method: request.method,
                path: "/" + path.rest.joined(separator: "/"),
                query: request.query,
                headers: request.headers,
                body: request.body
            )
        )
    }
}

extension PodRuntime.Container.State {
    var isRunning: Bool { if case .running = self { true } else { false } }
}
