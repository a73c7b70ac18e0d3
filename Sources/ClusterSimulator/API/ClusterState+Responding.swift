extension ClusterState {
    /// As a real API server words it: Helm has nothing but the words.
    private static func problem(of status: Int) -> String {
        switch status {
        case 403: "simulated API error: access is forbidden"
        case 429: "the server has received too many requests and has asked us to try again later (simulated)"
        case 503: "the server is currently unable to handle the request (simulated)"
        default: "Internal error occurred: simulated API error"
        }
    }

    /// Answers a request; watches go on in the stream that is answered.
    func respond(to request: APIRequest) -> APIResponse {
        do throws(APIFailure) {
            if let namespace = request.namespace,
                let fault = faults.strike(.apiErrors, namespace: namespace, random: random())
            {
                throw APIFailure(
                    code: fault.status,
                    reason: fault.status == 429 ? "TooManyRequests" : fault.status == 503 ? "ServiceUnavailable" : "InternalError",
                    message: fault.message ?? Self.problem(of: fault.status)
                )
            }
            if let namespace = request.namespace, isUnbound(namespace), request.isAboutContents(of: namespace) {
                throw APIFailure(
                    code: 403,
                    reason: "Forbidden",
                    message:
                        "\(request.path.last ?? "") is forbidden: cannot \(request.method) it in the namespace \"\(namespace)\" (simulated)"
                )
            }
            if let answer = try Discovery.answer(request) { return answer }
            switch request.path.first {
            case "simulator": return try SimulatorRoutes(cluster: self).answer(request)
            case "api", "apis": return try answerResource(request)
            default:
                guard let answer = answerVault(request) else { throw APIFailure.noSuchPath }
                return answer
            }
        } catch { return .failure(error) }
    }

    /// Whether the fault `unbound` is on and nobody has been given rights there yet.
    private func isUnbound(_ namespace: String) -> Bool {
        faults.active(.unbound, namespace: namespace) != nil && objects.list(.rolebindings, namespace: namespace).isEmpty
    }

    private func answerResource(_ request: APIRequest) throws(APIFailure) -> APIResponse {
        if request.path.first == "apis", request.path.dropFirst().first == "authorization.k8s.io" { return try review(request) }
        if measuresPods, request.path.starts(with: ["apis", "metrics.k8s.io", "v1beta1"]) { return try answerMetrics(request) }
        let path = try ResourcePath(request.path)
        if let subresource = path.subresource { return try answerSubresource(subresource, path, request) }
        switch (request.method, path.name) {
        case ("GET", nil): return request.isSet("watch") ? try watch(path, request) : try list(path, request)
        case ("GET", _?):
            if request.isSet("watch") { return try watch(path, request) }
            let key = try path.key()
            guard let object = objects[key] else { throw .notFound(key.kind, key.name) }
            return answer(object, request)
        case ("POST", nil): return try post(path, request)
        case ("PUT", _?): return try put(path, request)
        case ("PATCH", _?): return try patch(path, request)
        case ("DELETE", _?):
            let (object, isGone) = try delete(path.key(), RequestBody(request).deleteOptions())
            guard isGone else { return answer(object, request) }
            return .json([
                "kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Success",
                "details": [
                    "name": .string(object.name), "kind": .string(path.kind.resource), "uid": .string(object.uid),
                    "group": path.kind.group.isEmpty ? .null : .string(path.kind.group),
                ],
            ])
        case ("DELETE", nil): return try deleteCollection(path, request)
        default: throw .methodNotAllowed
        }
    }

    /// One object, as a table if that is asked for.
    func answer(_ object: JSONValue, _ request: APIRequest, status: Int = 200) -> APIResponse {
        guard let options = TableOptions(request),
            let kind = Kind(apiVersion: object["apiVersion"].string ?? "", name: object["kind"].string ?? "")
        else { return .json(object, status: status) }
        return .json(TableView(kind).table([object], options: options, revision: revision), status: status)
    }

    private func post(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        if path.kind.isNamespaced, path.namespace == nil { throw .methodNotAllowed }
        let body = try RequestBody(request).object(of: path.kind)
        let made = try create(path.kind, body, in: path.namespace ?? "", by: request.author, dryRun: request.isDryRun)
        return answer(made, request, status: 201)
    }

    private func put(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        let body = try RequestBody(request).object(of: path.kind)
        return answer(try replace(path.key(), with: body, by: request.author, dryRun: request.isDryRun), request)
    }

    private func deleteCollection(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        let scope = try scope(path, request)
        let options = try RequestBody(request).deleteOptions()
        let doomed = objects.list(path.kind, namespace: path.namespace).filter(scope.matches)
        for object in doomed { try delete(ObjectKey(path.kind, object.namespace, object.name), options) }
        return .json(listed(path.kind, doomed))
    }

    private func review(_ request: APIRequest) throws(APIFailure) -> APIResponse {
        guard request.method == "POST", request.path.last?.hasSuffix("reviews") == true else { throw .noSuchPath }
        var body = try RequestBody(request).json()
        body.status = [
            "allowed": .bool(!isUnbound(body.spec["resourceAttributes"]["namespace"].string ?? "")), "reason": "the simulator has no roles",
            "resourceRules": [], "nonResourceRules": [], "incomplete": true,
        ]
        return .json(body, status: 201)
    }
}
