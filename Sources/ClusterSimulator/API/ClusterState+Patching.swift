extension ClusterState {
    func patch(_ path: ResourcePath, _ request: APIRequest, ofStatus: Bool = false) throws(APIFailure) -> APIResponse {
        let key = try path.key()
        try conflictByFault(key, request)
        if request.contentType.hasPrefix("application/apply-patch") { return try serverSideApply(key, request, ofStatus: ofStatus) }
        guard let old = objects[key] else { throw .notFound(key.kind, key.name) }
        let body = try RequestBody(request).json()
        var new: JSONValue
        switch request.contentType {
        case "application/merge-patch+json": new = MergePatch.apply(body, to: old)
        case "application/strategic-merge-patch+json": new = StrategicMergePatch.apply(body, to: old)
        case "application/json-patch+json": new = try JSONPatch.apply(body, to: old)
        default: throw .unsupportedMediaType(request.contentType)
        }
        if new.metadata["resourceVersion"] == old.metadata["resourceVersion"] { new.metadata["resourceVersion"] = .null }
        if ofStatus { return answer(try replaceStatus(key, with: new), request) }
        return answer(try replace(key, with: new, by: request.author, dryRun: request.isDryRun), request)
    }

    private func serverSideApply(_ key: ObjectKey, _ request: APIRequest, ofStatus: Bool) throws(APIFailure) -> APIResponse {
        guard let manager = request.query["fieldManager"], !manager.isEmpty else {
            throw .badRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")
        }
        var configuration = try RequestBody(request).object(of: key.kind)
        guard configuration.metadata["managedFields"].isNull else { throw .badRequest("metadata.managedFields must be nil") }
        if ofStatus {
            guard var object = objects[key] else { throw .notFound(key.kind, key.name) }
            object.status = MergePatch.apply(configuration.status, to: object.status)
            return answer(try replaceStatus(key, with: object), request)
        }
        configuration.metadata["name"] = .string(key.name)
        if key.kind == .secrets {
            for (name, value) in configuration["stringData"].strings {
                configuration["data"][name] = .string(Base64.encode(Array(value.utf8)))
            }
            configuration["stringData"] = .null
        }
        guard let live = objects[key] else {
            var stamped = configuration
            if key.kind.isNamespaced { stamped.metadata["namespace"] = .string(key.namespace) }
            stamped = ManagedFields.set(
                stamped,
                manager: manager,
                operation: "Apply",
                to: FieldTree.of(configuration),
                taking: .object([:]),
                at: timestamp
            )
            let made = try create(key.kind, stamped, in: key.namespace, by: .controller, dryRun: request.isDryRun)
            return answer(made, request, status: 201)
        }
        var applied = try ServerSideApply.apply(
            configuration,
            to: live,
            kind: key.kind,
            manager: manager,
            force: request.isSet("force"),
            at: timestamp
        )
        applied.metadata["resourceVersion"] = configuration.metadata["resourceVersion"]
        applied.metadata["uid"] = configuration.metadata["uid"]
        // An apply that changes nothing but the entry's time is no write.
        let quiet = Self.withoutTimes(applied)
        if quiet.spec == live.spec, Self.isSame(quiet, Self.withoutTimes(live)) { return answer(live, request) }
        return answer(try replace(key, with: applied, by: .controller, dryRun: request.isDryRun), request)
    }

    private static func withoutTimes(_ object: JSONValue) -> JSONValue {
        var object = object
        object.metadata["managedFields"] = .array(
            ManagedFields.entries(object).map { entry in
                var entry = entry
                entry["time"] = .null
                return entry
            }.sorted { $0.text < $1.text }
        )
        return object
    }

    private static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        var (left, right) = (left, right)
        for field in ["resourceVersion", "uid"] { (left.metadata[field], right.metadata[field]) = (.null, .null) }
        return left == right
    }
}
